package cli

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/mail"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
	"github.com/spf13/cobra"
)

// mailOptions are how much `bench mail` sends.
type mailOptions struct {
	letters, connections, kills, subscribers int
	postgres                                 string
	json                                     bool
}

// mailReport is what `bench mail --json` prints.
type mailReport struct {
	Machine machine       `json:"machine"`
	Engines []mailFigures `json:"engines"`
}

// mailFigures are one engine's.
type mailFigures struct {
	Engine      string  `json:"engine"`
	Letters     int     `json:"letters"`
	Connections int     `json:"connections"`
	Kills       int     `json:"kills"`
	Taken       int     `json:"taken"`     // by the mail server, each once
	Uncertain   int64   `json:"uncertain"` // handed over in the moment of a kill: not sent again
	PerSecond   float64 `json:"letters_per_second"`
	CPU         float64 `json:"cpu_us_per_letter"`
	Peak        int64   `json:"memory_peak_bytes"`
	Subscribers int     `json:"subscribers"`
	FanOut      float64 `json:"fan_out_per_second"` // letters made of a mailing
	Most        int     `json:"most_waiting"`       // letters of news in the outbox at any moment
	Control     control `json:"control"`
}

func (e *env) benchMail() *cobra.Command {
	var o mailOptions
	c := &cobra.Command{
		Use: "mail", Short: "Letters through the server to a mail server of the benchmark, killed on the way; news to many subscribers", Args: usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if o.letters < 1 || o.letters > 1_000_000 || o.connections < 1 || o.connections > 64 || o.kills < 0 || o.kills > 100 || o.subscribers < 0 || o.subscribers > 10_000_000 {
				return fmt.Errorf("%w: want --letters from 1 to 1000000, --connections from 1 to 64, --kills from 0 to 100, --subscribers up to 10000000", errUsage)
			}
			return inTempDir(func(dir string) error {
				return (&mailBench{env: e, o: o, out: benchOut{e.out, o.json}, dir: dir}).run(c.Context())
			})
		},
	}
	c.Flags().IntVar(&o.letters, "letters", 100_000, "letters that wait when the server starts")
	c.Flags().IntVar(&o.connections, "connections", 8, "to the mail server")
	c.Flags().IntVar(&o.kills, "kills", 5, "how often the server is killed (SIGKILL) meanwhile")
	c.Flags().IntVar(&o.subscribers, "subscribers", 1_000_000, "who get news")
	c.Flags().StringVar(&o.postgres, "postgres", "", "also on this empty database, which is left filled")
	c.Flags().BoolVar(&o.json, "json", false, "print one JSON object")
	return c
}

type mailBench struct {
	env    *env
	o      mailOptions
	out    benchOut
	dir    string
	keys   string
	vault  *vault.Vault
	report mailReport
}

func (b *mailBench) run(ctx context.Context) error {
	b.report.Machine, b.keys = thisMachine(), filepath.Join(b.dir, "keys")
	cfg, _, err := loadConfig("", append(clean(b.env.environ), "DAUYS_KEYS="+b.keys))
	if err != nil {
		return err
	}
	seed := "sqlite:" + filepath.Join(b.dir, "dauys.db")
	if _, err := benchWorld(ctx, cfg, filepath.Join(b.dir, "dauys.db"), b.env.now()); err != nil {
		return err
	}
	if b.vault, err = vault.Open(b.keys); err != nil {
		return err
	}
	databases := []string{seed}
	if b.o.postgres != "" {
		if err := carryWorld(ctx, cfg, filepath.Join(b.dir, "carry.db"), b.o.postgres, b.env.now()); err != nil {
			return err
		}
		databases = append(databases, b.o.postgres)
	}
	for _, database := range databases {
		f, err := b.engine(ctx, database)
		if err != nil {
			return fmt.Errorf("%s: %w", f.Engine, err)
		}
		b.report.Engines = append(b.report.Engines, f)
		b.out.section(fmt.Sprintf("%s: %d letters over %d connections, the server killed %d times", f.Engine, f.Letters, f.Connections, f.Kills),
			[]string{"letters/s", fmt.Sprintf("%.0f", f.PerSecond)},
			[]string{"CPU of the server, µs a letter", fmt.Sprintf("%.0f", f.CPU)},
			[]string{"taken by the mail server, each once", strconv.Itoa(f.Taken)},
			[]string{"of uncertain fate, not sent again", strconv.FormatInt(f.Uncertain, 10)},
			[]string{"memory of the server, the most", fmt.Sprintf("%.0f MB", float64(f.Peak)/1e6)},
			[]string{fmt.Sprintf("news to %d subscribers, letters made/s", f.Subscribers), fmt.Sprintf("%.0f", f.FanOut)},
			[]string{"of them waiting at once, the most", strconv.Itoa(f.Most)})
		if f.Subscribers > 0 {
			b.out.section(fmt.Sprintf("%s: an officer and the news to %d subscribers", f.Engine, f.Subscribers), f.Control.rows()...)
		}
	}
	return b.out.end(b.report)
}

func (b *mailBench) engine(ctx context.Context, database string) (f mailFigures, err error) {
	f = mailFigures{Letters: b.o.letters, Connections: b.o.connections, Kills: b.o.kills, Subscribers: b.o.subscribers}
	st, err := openStore(ctx, database, false)
	if err != nil {
		return f, err
	}
	f.Engine = st.Engine()
	there, err := openPetitions(ctx, st, b.env.now())
	p := there.hot
	if err == nil {
		err = b.write(ctx, st, p)
	}
	if f.Engine == "sqlite" { // its one writer is the server
		err = errors.Join(err, st.Close())
	}
	if err == nil {
		err = b.send(ctx, database, &f)
	}
	if f.Engine == "sqlite" && err == nil {
		st, err = openStore(ctx, database, false)
	}
	if err != nil {
		return f, err
	}
	if err = b.after(ctx, st, p, &f); err != nil || b.o.subscribers == 0 {
		return f, err
	}
	return f, b.control(ctx, database, p, &f)
}

// after compares what was sent with what was written, and makes news.
func (b *mailBench) after(ctx context.Context, st *store.Store, p petition.Petition, f *mailFigures) (err error) {
	defer func() { err = errors.Join(err, st.Close()) }()
	waiting, uncertain, err := st.OutboxSize(ctx)
	if f.Uncertain = uncertain; err == nil && (waiting > 0 || int64(f.Taken)+uncertain < int64(f.Letters)) {
		err = fmt.Errorf("%d letters: %d taken, %d uncertain, %d still wait", f.Letters, f.Taken, uncertain, waiting)
	}
	if err != nil {
		return err
	}
	return b.news(ctx, st, p, f)
}

// write puts letters to sign into the outbox, as signing does.
func (b *mailBench) write(ctx context.Context, st *store.Store, p petition.Petition) error {
	now := b.env.now()
	for done := 0; done < b.o.letters; {
		var batch []store.NewPending
		for range min(1000, b.o.letters-done) {
			l := letter.Letter{To: fmt.Sprintf("reader-%d@mail%d.example", done, done%7), Lang: i18n.Langs()[done%3], Kind: letter.Sign, Args: map[string]string{
				"title": "Put lamps in the streets of an invented town", "until": "2037-01-04", "link": "https://petitions.example/en/confirm/an-invented-token"}}
			row, err := l.Seal(b.vault, "bench-"+strconv.Itoa(done), store.PriorityProof, now)
			if err != nil {
				return err
			}
			n := store.NewPending{Petition: p.ID, Letter: row}
			binary.BigEndian.PutUint64(n.Asker[:], uint64(done)+1)
			batch = append(batch, n)
			done++
		}
		if _, err := st.AddPending(ctx, batch, now); err != nil {
			return err
		}
	}
	return nil
}

// send starts the real server on the letters, kills it on the way, and times
// what it does after the last kill.
func (b *mailBench) send(ctx context.Context, database string, f *mailFigures) error {
	sink, err := newMailSink(ctx, "bench-")
	if err != nil {
		return err
	}
	defer sink.close()
	addr, err := freePort(ctx)
	if err != nil {
		return err
	}
	environ := append(clean(b.env.environ), "DAUYS_ADDR="+addr, "DAUYS_DATABASE="+database, "DAUYS_KEYS="+b.keys, "DAUYS_LIMITS=off", "DAUYS_LOG=error",
		fmt.Sprintf("DAUYS_MAIL=smtp://%s?connections=%d", sink.addr, b.o.connections))
	self, err := os.Executable()
	if err != nil {
		return err
	}
	for k := range b.o.kills + 1 {
		c, err := spawn(ctx, nil, environ, self, "serve")
		if err != nil {
			return err
		}
		from, began, cpu := sink.taken(), time.Time{}, time.Duration(0)
		want := f.Letters * (k + 1) / (b.o.kills + 1)
		last, end := k == b.o.kills, time.Duration(0)
		if last {
			end = quiet
			if f.Engine != "sqlite" { // what the killed ones held is free only then
				end += aliveFor + aliveEvery
			}
		}
		err = sink.wait(ctx, func(taken int) bool {
			if began.IsZero() && taken > from { // the server has started
				from, began, cpu = taken, time.Now(), c.cpu()
			}
			return taken >= want
		}, end)
		took := time.Since(began) - sink.idle(last)
		if _, peak := c.memory(); peak > f.Peak {
			f.Peak = peak
		}
		if last {
			n := float64(max(1, sink.taken()-from))
			f.PerSecond, f.CPU = tidy(n/took.Seconds()), tidy(float64((c.cpu()-cpu).Microseconds())/n)
			err = errors.Join(err, c.stop())
		} else {
			_ = c.cmd.Process.Kill() // it may have ended by itself; then wait says so
			<-c.done
		}
		if err != nil {
			return err
		}
	}
	f.Taken = sink.taken()
	return sink.twice()
}

// news makes all letters of a mailing and takes them out of the outbox, as
// senders do. Only the making is timed. Three times on the way an officer pauses
// it and lets it go on: every subscriber has one letter in the end.
func (b *mailBench) news(ctx context.Context, st *store.Store, p petition.Petition, f *mailFigures) error {
	if b.o.subscribers == 0 {
		return nil
	}
	address := letter.SealAddress(b.vault, "reader@mail.example")
	if err := st.BareSubscribers(ctx, p.ID, b.o.subscribers, address, "en"); err != nil {
		return err
	}
	id, err := addNews(ctx, st, p, "bench", letter.NewsOpen)
	if err != nil {
		return err
	}
	n := &newsMaking{st: st, follower: mail.NewFollower(st, b.vault, "https://petitions.example", b.env.now), now: b.env.now(), to: make(map[[16]byte]bool, b.o.subscribers)}
	for pauses := 0; ; {
		got, err := n.round(ctx)
		if err != nil {
			return err
		}
		if f.Most = max(f.Most, got); got == 0 {
			break
		}
		if pauses < 3 && len(n.to) > b.o.subscribers*(pauses+1)/4 && len(n.to) < b.o.subscribers {
			pauses++
			if err := n.pause(ctx, id); err != nil {
				return err
			}
		}
	}
	if len(n.to) != b.o.subscribers {
		return fmt.Errorf("letters to %d of %d subscribers", len(n.to), b.o.subscribers)
	}
	f.FanOut = tidy(float64(len(n.to)) / n.making.Seconds())
	return nil
}

// addNews asks for a mailing to the subscribers of a petition and returns its id.
func addNews(ctx context.Context, st *store.Store, p petition.Petition, cursor string, kind letter.Kind) (int64, error) {
	if _, err := st.Follow(ctx, cursor, 1, func(tx *store.Tx, e petition.Event) error {
		return tx.AddMailing(e.Seq, string(kind), p.ID, nil)
	}); err != nil {
		return 0, err
	}
	list, err := st.DeskMailings(ctx, 1)
	if err != nil || len(list) == 0 {
		return 0, errors.Join(errors.New("there is no mailing"), err)
	}
	return list[0].ID, nil
}

// newsMaking is a mailing whose letters go nowhere.
type newsMaking struct {
	st       *store.Store
	follower *mail.Follower
	now      time.Time
	to       map[[16]byte]bool // who has a letter
	making   time.Duration
}

// round makes as many letters as may wait, takes them all out again, and
// returns how many there were.
func (n *newsMaking) round(ctx context.Context) (got int, err error) {
	began := time.Now()
	for more := true; more; {
		if more, err = n.follower.ExpandMailings(ctx); err != nil {
			return got, err
		}
	}
	n.making += time.Since(began)
	for {
		ls, err := n.st.ClaimLetters(ctx, "bench", 1000, n.now, n.now.Add(time.Hour))
		if err != nil || len(ls) == 0 {
			return got, err
		}
		got += len(ls)
		ids := make([]int64, len(ls))
		for i, l := range ls {
			ids[i] = l.ID
			ref, ok := letter.ParseNewsUID(l.UID)
			if !ok || n.to[ref.Subscription] {
				return got, fmt.Errorf("%s: a second letter, or none of news", l.UID)
			}
			n.to[ref.Subscription] = true
		}
		if err := n.st.LetterDone(ctx, ids...); err != nil {
			return got, err
		}
	}
}

// pause stops the mailing for a round, in which nothing is made and nothing is
// to be had, also of what waits by then.
func (n *newsMaking) pause(ctx context.Context, id int64) error {
	if _, err := n.follower.ExpandMailings(ctx); err != nil { // some letters wait
		return err
	}
	if err := n.st.SetMailing(ctx, id, store.MailingPaused, benchOfficer, n.now); err != nil {
		return err
	}
	switch got, err := n.round(ctx); {
	case err != nil:
		return err
	case got != 0:
		return fmt.Errorf("%d letters of a mailing that is paused", got)
	}
	return n.st.SetMailing(ctx, id, store.MailingRuns, benchOfficer, n.now)
}
