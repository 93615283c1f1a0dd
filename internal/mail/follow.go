package mail

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
)

// The steps of the follower: bounded, so that it never holds the one writer long.
const (
	followerName = "mail"
	eventStep    = 200
	mailingStep  = 500
)

// Follower turns events into letters to petitioners and mailings to subscribers.
type Follower struct {
	store *store.Store
	vault *vault.Vault
	url   string
	now   func() time.Time
}

// NewFollower makes a follower; url is the site's base address.
func NewFollower(s *store.Store, v *vault.Vault, url string, now func() time.Time) *Follower {
	return &Follower{store: s, vault: v, url: url, now: now}
}

// told is what an event is told by: to the petitioner, and to subscribers; ""
// for nobody.
type told struct{ author, readers letter.Kind }

// tells is the table of events; those that are not in it are told to nobody.
// A petition's first letter is written where it is started.
var tells = map[petition.EventKind]told{
	petition.EvConfirmed: {author: letter.Started},
	petition.EvQueued:    {author: letter.Queued},
	petition.EvReturned:  {author: letter.Returned},
	petition.EvRefused:   {author: letter.Refused},
	petition.EvUpheld:    {author: letter.Upheld},
	petition.EvLapsed:    {author: letter.Lapsed},
	petition.EvPublished: {letter.Published, letter.NewsOpen},
	petition.EvStage:     {letter.Stage, letter.NewsStage},
	petition.EvDelivered: {letter.Delivered, letter.NewsDelivery},
	petition.EvAnswered:  {letter.Answered, letter.NewsAnswer},
	petition.EvClosed:    {letter.Closed, letter.NewsClosed},

	petition.EvAuthorising:    {author: letter.Seeking},
	petition.EvAuthorised:     {author: letter.MemberYes},
	petition.EvMemberDeclined: {author: letter.MemberNo},
	petition.EvChecked:        {author: letter.Checked},
	petition.EvDissolved:      {letter.Dissolved, letter.NewsStopped},
	petition.EvExtended:       {author: letter.Extended},

	petition.EvResubmitted:   {readers: letter.NewsChanged},
	petition.EvNews:          {readers: letter.NewsNote},
	petition.EvNewsRefused:   {author: letter.NoteRefused},
	petition.EvOrgConfirmed:  {author: letter.OrgYes},
	petition.EvOrgDisowned:   {author: letter.OrgNo},
	petition.EvMergeOffered:  {author: letter.MergeOffer},
	petition.EvMergeDeclined: {author: letter.MergeNo},
	petition.EvMergeLapsed:   {author: letter.MergeNo},
	petition.EvMerged:        {letter.Merged, letter.NewsMerged},
	petition.EvHidden:        {author: letter.Hidden},
	petition.EvRestored:      {author: letter.Restored},
	petition.EvRemoved:       {author: letter.Removed},
	petition.EvArchived:      {author: letter.Archived},
}

// Follow makes the letters and mailings of the next events and returns how
// many events there were. Events, letters and the cursor are one transaction:
// each event is told once. Call it until it returns 0.
func (f *Follower) Follow(ctx context.Context) (int, error) {
	n, err := f.store.Follow(ctx, followerName, eventStep, f.follow)
	if err != nil {
		return n, fmt.Errorf("mail: follow: %w", err)
	}
	return n, nil
}

func (f *Follower) follow(tx *store.Tx, e petition.Event) error {
	t, ok := tells[e.Kind]
	if !ok {
		return nil
	}
	p, err := tx.Petition(e.Petition)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	law := f.store.Laws().Of(p)
	if law == nil || p.State == petition.Removed && e.Kind != petition.EvRemoved {
		return nil // not ours to tell of, or not to be repeated
	}
	if e.Kind == petition.EvConfirmed && (p.Kind == petition.KindProposal || law.Support.Threshold == 0 || law.Support.AfterCheck) {
		return nil // looks for no supporters: the next event says more
	}
	if e.Kind == petition.EvLapsed && e.Data["cause"] == "authoriser" {
		return nil // the letter about the last member says it
	}
	if e.Kind == petition.EvClosed && p.Stopped() && e.Actor == petition.ActorCalendar {
		return nil // the letter about the dissolution says it
	}
	if t.author != "" {
		if err := f.tellAuthor(tx, law, p, e, t.author); err != nil {
			return err
		}
	}
	if t.readers == "" {
		return nil
	}
	args := map[string]string{} // what an officer wrote to the petitioner is not for all
	for _, name := range []string{"stage", "threshold", "other", "title", "text"} {
		if v := e.Data[name]; v != "" {
			args[name] = v
		}
	}
	return tx.AddMailing(e.Seq, string(t.readers), p.ID, args)
}

// tellAuthor queues the petitioner's letter. An imported petition has nobody
// to be written to.
func (f *Follower) tellAuthor(tx *store.Tx, law *petition.Profile, p petition.Petition, e petition.Event, kind letter.Kind) error {
	c, err := tx.Contact(p.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	to, _ := letter.OpenAddress(f.vault, c.Sealed) // one that does not open becomes a letter that is given up, and counted
	args := f.authorArgs(law, p, c.Lang, e, kind)
	args["mine"] = f.link(c.Lang, "mine", f.vault.Fixed("mine", p.UID[:]))
	if kind == letter.Started || kind == letter.Checked {
		args["share"] = f.link(c.Lang, "p", f.vault.Fixed("share", p.UID[:]))
	}
	l := letter.Letter{To: to, Lang: c.Lang, Kind: kind, Args: args}
	row, err := l.Seal(f.vault, fmt.Sprintf("ev-%d-%s", e.Seq, kind), store.PriorityActs, f.now())
	if err != nil {
		return err
	}
	row.Lane = p.ID
	return tx.Enqueue(row)
}

// authorArgs are the arguments of a petitioner's letter but for the links that
// only the petitioner may know.
func (f *Follower) authorArgs(law *petition.Profile, p petition.Petition, lang i18n.Lang, e petition.Event, kind letter.Kind) map[string]string {
	args := f.common(law, p, lang, e.Data)
	switch kind {
	case letter.MemberYes, letter.MemberNo:
		args["member"] = e.Data["member"]
	case letter.Extended:
		args["until"] = lastDay(law, p.ClosesAt)
		if p.State == petition.Supporting {
			args["until"] = lastDay(law, p.SupportUntil)
		}
	case letter.Started, letter.Checked:
		args["threshold"] = strconv.FormatInt(law.Support.Threshold, 10)
		args["until"] = lastDay(law, p.SupportUntil)
	case letter.Queued:
		args["until"] = lastDay(law, p.DecideBy)
	case letter.Refused:
		args["until"] = lastDay(law, p.AppealUntil)
	case letter.Published:
		args["until"] = lastDay(law, p.ClosesAt)
	case letter.Archived:
		args["until"] = law.Today(p.ArchivedAt.Add(petition.ContactLife)).String()
	case letter.Delivered:
		args["until"] = e.Data["answer_by"]
	}
	return args
}

// common are the arguments of letters to petitioners and subscribers alike, in
// the reader's language where there are words in it.
func (f *Follower) common(law *petition.Profile, p petition.Petition, lang i18n.Lang, data map[string]string) map[string]string {
	text, _, _ := p.Texts.In(lang, append([]petition.Lang{p.Lang}, i18n.Langs()...)...)
	args := map[string]string{"title": text.Title, "count": strconv.FormatInt(p.Shown, 10)}
	if p.Number != 0 {
		args["page"] = f.link(lang, "petitions", strconv.FormatInt(p.Number, 10))
	}
	if other := data["other"]; other != "" {
		args["page"] = f.link(lang, "petitions", other)
	}
	if data["text"] != "" { // news
		args["headline"], args["words"] = data["title"], data["text"]
	}
	if law.Binding != petition.Official {
		args["notice"] = "yes"
	}
	if note := data["note"]; note != "" {
		args["note"] = note
	}
	if code := data["reason"]; code != "" {
		args["reason"] = code
		if r, ok := law.Reason(code); ok {
			args["reason"] = inLang(r.Text, lang, p.Lang, code)
		}
	}
	if id := data["stage"]; id != "" {
		args["threshold"], args["stage"] = data["threshold"], id
		if s, ok := law.Stage(id); ok {
			args["stage"] = inLang(s.Name, lang, p.Lang, id)
		}
	}
	return args
}

// inLang is a text of the profile in lang, or else in another language.
func inLang(texts map[petition.Lang]string, lang, other petition.Lang, none string) string {
	for _, l := range append([]petition.Lang{lang, other}, i18n.Langs()...) {
		if t := texts[l]; t != "" {
			return t
		}
	}
	return none
}

// lastDay is the last day of a term that ends with the moment end, "" for none.
func lastDay(law *petition.Profile, end time.Time) string {
	if end.IsZero() {
		return ""
	}
	return law.Today(end.Add(-time.Nanosecond)).String()
}

func (f *Follower) link(lang i18n.Lang, what, token string) string {
	return f.url + "/" + string(lang) + "/" + what + "/" + token
}

// ExpandMailings turns the next step of a mailing into letters; false when none
// waits or enough letters wait to be sent. Call it until it returns false.
func (f *Follower) ExpandMailings(ctx context.Context) (bool, error) {
	more, err := f.store.ExpandMailing(ctx, mailingStep, f.news)
	if err != nil {
		return more, fmt.Errorf("mail: mailing: %w", err)
	}
	return more, nil
}

// news is one subscriber's letter of a mailing. Its uid is the same whenever
// it is made, and says nothing about the address.
func (f *Follower) news(m store.Mailing, p petition.Petition, to store.Subscriber) (store.Letter, error) {
	l := letter.Letter{Lang: to.Lang, Kind: letter.Kind(m.Kind)}
	uid := letter.NewsUID(store.NewsRef{Mailing: m.ID, Subscription: to.ID})
	law := f.store.Laws().Of(p)
	if law == nil || p.State == petition.Removed || p.State == petition.Hidden {
		return l.Seal(f.vault, uid, store.PriorityNews, f.now()) // to nobody: given up, and the others go on
	}
	l.To, _ = letter.OpenAddress(f.vault, to.Address) // as in tellAuthor
	l.Args = f.common(law, p, to.Lang, m.Args)
	if l.Args["page"] == "" { // link-only: supporters had the link
		l.Args["page"] = f.link(to.Lang, "p", f.vault.Fixed("share", p.UID[:]))
	}
	l.Args["unsubscribe"] = f.url + "/u/" + base64.RawURLEncoding.EncodeToString(to.ID[:])
	return l.Seal(f.vault, uid, store.PriorityNews, f.now())
}
