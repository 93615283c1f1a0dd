package mail

import (
	"context"
	"fmt"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// delayStep is how many petitions one step of a letter about delay looks at.
const delayStep = 200

// ExpandDelays writes the next letters about delay; false when none waits.
// Call it until it returns false.
func (f *Follower) ExpandDelays(ctx context.Context) (bool, error) {
	more, err := f.store.ExpandDelay(ctx, delayStep, f.delay)
	if err != nil {
		return more, fmt.Errorf("mail: letters about delay: %w", err)
	}
	return more, nil
}

// delay is one petitioner's letter. Its uid names the act and the petition, and
// says nothing about the address.
func (f *Follower) delay(a store.DelayAct, to store.Addressee) (store.Letter, error) {
	l := letter.Letter{Lang: to.Lang, Kind: letter.Delay, Args: delayArgs(a.In(to.Lang, i18n.Langs()...), to.Petition, to.Lang)}
	l.To, _ = letter.OpenAddress(f.vault, to.Sealed) // as in tellAuthor
	l.Args["mine"] = f.link(to.Lang, "mine", f.vault.Fixed("mine", to.Petition.UID[:]))
	if law := f.store.Laws().Of(to.Petition); law == nil || law.Binding != petition.Official {
		l.Args["notice"] = "yes"
	}
	return l.Seal(f.vault, fmt.Sprintf("delay-%d-%d", a.ID, to.Petition.ID), store.PriorityNews, f.now())
}

func delayArgs(t petition.DelayText, p petition.Petition, lang i18n.Lang) map[string]string {
	text, _, _ := p.Texts.In(lang, append([]petition.Lang{p.Lang}, i18n.Langs()...)...)
	return map[string]string{"title": text.Title, "subject": t.Subject, "words": t.Text}
}

// DraftDelay is the letter as a petitioner would read it, with dots for what
// differs from one to the next.
func (f *Follower) DraftDelay(c *Composer, t petition.DelayText, lang i18n.Lang) (Message, error) {
	args := map[string]string{"title": secret, "subject": t.Subject, "words": t.Text, "mine": f.link(lang, "mine", secret)}
	return c.Compose(letter.Letter{To: "petitioner@mail.example", Lang: lang, Kind: letter.Delay, Args: args}, "draft", f.now())
}
