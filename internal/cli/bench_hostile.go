package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
)

// hostileReport is what `bench hostile --json` prints: those who sign, alone
// and beside others who mean harm or do not know better.
type hostileReport struct {
	Machine machine       `json:"machine"`
	Rounds  []hostileLine `json:"rounds"`
	Forged  figures       `json:"forged"`    // links nobody was sent
	Broken  figures       `json:"malformed"` // links that are none
	Large   figures       `json:"oversized"` // forms of 10 MiB, refused unread
}

// hostileLine is one round of signing.
type hostileLine struct {
	Beside  string     `json:"beside"`
	Confirm rateReport `json:"confirm"`
	Memory  int64      `json:"memory_bytes"`
	Cut     int64      `json:"cut"` // connections that the server ended meanwhile
}

// hostileBench is one run of `bench hostile`.
type hostileBench struct {
	crowdBench
	idle, slow int
	hostile    hostileReport
}

func (e *env) benchHostile() *cobra.Command {
	o := crowdOptions{benchOptions: benchOptions{runs: 1, signers: 1, pages: 1, conns: 64}}
	var idle, slow int
	c := &cobra.Command{
		Use: "hostile", Short: "Signing beside idle and slow connections, oversized forms and forged links", Args: usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if idle < 0 || slow < 0 || idle > 11_000 || slow > 5000 {
				return fmt.Errorf("%w: want --idle of 0 to 11000, --slow of 0 to 5000", errUsage)
			}
			if err := o.check(); err != nil {
				return err
			}
			return inTempDir(func(dir string) error {
				b := &hostileBench{idle: idle, slow: slow, crowdBench: crowdBench{crowd: o,
					httpBench: httpBench{env: e, o: o.benchOptions, out: benchOut{e.out, o.json}, dir: dir}}}
				return b.run(c.Context())
			})
		},
	}
	c.Flags().IntVar(&idle, "idle", 10_000, "connections that ask once and stay; needs as many open files and some")
	c.Flags().IntVar(&slow, "slow", 1000, "connections that send a byte a second, half of them in the header, half in a form")
	c.Flags().IntVar(&o.rate, "rate", 500, "how many confirm every second")
	c.Flags().IntVar(&o.rows, "rows", 100_000, "signatures in the table before")
	c.Flags().Float64Var(&o.seconds, "seconds", 20, "length of a round")
	c.Flags().BoolVar(&o.json, "json", false, "print one JSON object")
	return c
}

func (b *hostileBench) run(ctx context.Context) (err error) {
	if err := b.prepare(ctx); err != nil {
		return err
	}
	b.hostile.Machine = b.httpBench.report.Machine
	st, _, err := b.people(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	if err := b.starting(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.server.stop()) }()
	for _, r := range []struct {
		beside string
		conns  int
		hold   func(ctx context.Context, i int) error
	}{
		{"nobody", 0, nil},
		{fmt.Sprintf("%d idle connections", b.idle), b.idle, b.stay},
		{fmt.Sprintf("%d slow connections", b.slow), b.slow, b.drip},
		{"nobody again", 0, nil},
	} {
		if err := b.beside(ctx, r.beside, r.conns, r.hold); err != nil {
			return fmt.Errorf("beside %s: %w", r.beside, err)
		}
	}
	rows := [][]string{append([]string{"memory", "cut"}, rateHeads()...)}
	for _, l := range b.hostile.Rounds {
		rows = append(rows, append([]string{mb(l.Memory), strconv.FormatInt(l.Cut, 10)}, rateLine("beside "+l.Beside, l.Confirm)...))
	}
	b.out.section("people open their letters", rows...)
	if err := b.refusals(ctx); err != nil {
		return err
	}
	return b.out.end(b.hostile)
}

// beside lets people sign for one round while conns connections are held.
func (b *hostileBench) beside(ctx context.Context, name string, conns int, hold func(context.Context, int) error) error {
	held, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	var cut, up atomic.Int64
	for i := range conns {
		wg.Go(func() {
			for first := true; held.Err() == nil; first = false {
				if first {
					up.Add(1)
				}
				if err := hold(held, i); held.Err() == nil {
					cut.Add(1)
					if errors.Is(err, errAnswer) || first && cut.Load() == int64(conns) {
						return
					}
				}
				pauseFor(held, time.Second)
			}
		})
		if i%200 == 199 {
			pauseFor(ctx, 20*time.Millisecond) // a backlog is not what is measured
		}
	}
	pauseFor(ctx, time.Second)
	r, err := b.open(ctx, b.crowd.rate, b.o.time(), true, func() []byte { return b.link(b.addr) })
	rss, _ := b.server.memory()
	stop()
	wg.Wait()
	b.hostile.Rounds = append(b.hostile.Rounds, hostileLine{Beside: name, Confirm: r, Memory: rss, Cut: cut.Load()})
	return err
}

func pauseFor(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// dial opens a connection that ends with ctx.
func (b *hostileBench) dial(ctx context.Context) (net.Conn, func(), error) {
	c, err := new(net.Dialer).DialContext(ctx, "tcp", b.addr)
	if err != nil {
		return nil, nil, err
	}
	off := context.AfterFunc(ctx, func() { c.Close() })
	return c, func() { off(); c.Close() }, nil
}

// stay asks once and then holds the connection until the server ends it.
func (b *hostileBench) stay(ctx context.Context, _ int) error {
	c, end, err := b.dial(ctx)
	if err != nil {
		return err
	}
	defer end()
	if _, err := c.Write(get(b.addr, "/livez")); err != nil {
		return err
	}
	r := bufio.NewReaderSize(c, 512)
	if _, err := readAnswer(r, false); err != nil {
		return err
	}
	_, err = r.ReadByte()
	return err
}

// drip sends a byte a second: of a header that never ends, or of a form.
func (b *hostileBench) drip(ctx context.Context, i int) error {
	c, end, err := b.dial(ctx)
	if err != nil {
		return err
	}
	defer end()
	start := "GET /en/ HTTP/1.1\r\nHost: " + b.addr + "\r\nX-Slow: "
	if i%2 == 0 {
		start = "POST /en/petitions/" + strconv.FormatInt(b.hot.Number, 10) + "/sign HTTP/1.1\r\nHost: " + b.addr +
			"\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 4000\r\n\r\nemail="
	}
	for b := []byte(start); ; b = []byte("a") {
		if _, err := c.Write(b); err != nil {
			return err
		}
		if err := c.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, c); err == nil || !errors.Is(err, context.DeadlineExceeded) && !isTimeout(err) {
			return io.EOF // the server has answered, and ended it
		}
	}
}

func isTimeout(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout()
}

// refusals are made at full speed: forged links, links that are none, and forms
// of 10 MiB, which announce themselves and are refused before they are sent.
func (b *hostileBench) refusals(ctx context.Context) error {
	if err := b.forgers(ctx); err != nil {
		return err
	}
	b.hostile.Forged = b.crowdBench.report.Forged
	var err error
	if b.hostile.Broken, err = b.refused(ctx, 404, post(b.addr, "/en/confirm/"+strings.Repeat("!", 40), "")); err != nil {
		return err
	}
	path := "/en/petitions/" + strconv.FormatInt(b.hot.Number, 10) + "/sign"
	large := []byte("POST " + path + " HTTP/1.1\r\nHost: " + b.addr + "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " + strconv.Itoa(10<<20) + "\r\n\r\nemail=")
	if b.hostile.Large, err = b.announced(ctx, large); err != nil {
		return err
	}
	b.out.section("refused at full speed", rateHead("requests/s"), rateRow("POST confirm, malformed", b.hostile.Broken), rateRow("POST sign, 10 MiB announced", b.hostile.Large))
	return nil
}

func (b *hostileBench) refused(ctx context.Context, status int, request []byte) (figures, error) {
	before := b.server.cpu()
	r, err := load{addr: b.addr, conns: b.o.conns, want: []int{status}, size: -1}.run(ctx, b.o.time(), func(int) []byte { return request })
	r.cpu = b.server.cpu() - before
	return sumUp([]round{r}), err
}

// announced sends requests that the server answers and ends the connection of.
func (b *hostileBench) announced(ctx context.Context, request []byte) (figures, error) {
	var mu sync.Mutex
	r, start, before := round{}, time.Now(), b.server.cpu()
	end := start.Add(b.o.time())
	var wg sync.WaitGroup
	errs := make([]error, b.o.conns)
	for i := range b.o.conns {
		wg.Go(func() {
			for begin := time.Now(); begin.Before(end) && ctx.Err() == nil && errs[i] == nil; begin = time.Now() {
				if errs[i] = b.announce(ctx, request); errs[i] == nil {
					mu.Lock()
					r.lat = append(r.lat, time.Since(begin))
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	r.took, r.cpu = time.Since(start), b.server.cpu()-before
	return sumUp([]round{r}), errors.Join(errs...)
}

func (b *hostileBench) announce(ctx context.Context, request []byte) error {
	c, end, err := b.dial(ctx)
	if err != nil {
		return err
	}
	defer end()
	if _, err := c.Write(request); err != nil {
		return err
	}
	a, err := readAnswer(bufio.NewReader(c), false)
	if err == nil && a.status != 413 {
		err = fmt.Errorf("a form of 10 MiB is answered %d", a.status)
	}
	return err
}
