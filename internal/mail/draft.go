package mail

import (
	"context"
	"errors"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// secret stands in a draft for what only the petitioner may know, and for the
// number that a petition does not have yet.
const secret = "..."

// Draft is the letter that a change would have the petitioner read, and its
// language; nothing is saved. It is for others' eyes: it holds neither the
// petitioner's address nor their own links. False when nobody is written to.
func (f *Follower) Draft(ctx context.Context, c *Composer, change petition.Change) (Message, i18n.Lang, bool, error) {
	p := change.Petition
	law := f.store.Laws().Of(p)
	for _, e := range change.Events {
		kind := tells[e.Kind].author
		if kind == "" || law == nil {
			continue
		}
		to, err := f.store.MineContact(ctx, p.ID)
		if errors.Is(err, store.ErrNotFound) {
			return Message{}, "", false, nil
		} else if err != nil {
			return Message{}, "", false, err
		}
		args := f.authorArgs(law, p, to.Lang, e, kind)
		args["mine"] = f.link(to.Lang, "mine", secret)
		if args["page"] == "" {
			args["page"] = f.link(to.Lang, "petitions", secret)
		}
		m, err := c.Compose(letter.Letter{To: "petitioner@mail.example", Lang: to.Lang, Kind: kind, Args: args}, "draft", f.now())
		return m, to.Lang, err == nil, err
	}
	return Message{}, "", false, nil
}
