package web

import (
	"strconv"
	"time"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// card is a petition in a list.
type card struct {
	URL       string
	Title     string
	TitleLang petition.Lang // "" when it is the page's
	Ask       string
	Count     int64
	Counts    bool   // the count is shown: the petition is or was open for signatures
	Figure    string // Count in figures, and the word behind it
	Word      string
	Tags      []tag
	Bar       *progress // nil when there is no next threshold
	Next      string    // the threshold in words
	Facts     []string  // short, each on its own
	Marked    *marked   // title and ask with what was searched for; nil in other lists
}

func petitionPath(n int64) string { return "/petitions/" + strconv.FormatInt(n, 10) }

// card makes the card of p for readers of l.
func (w *Web) card(l petition.Lang, v store.Public, now time.Time) card {
	pr := w.bundle.Printer(l)
	text, in, own := v.Texts.In(l, fallbacks(v.Lang)...)
	c := card{URL: "/" + string(l) + petitionPath(v.Number), Title: text.Title, Ask: text.Ask, Count: v.Shown,
		Counts: v.State == petition.Open || v.State == petition.Closed, Tags: w.tags(pr, v, now)}
	c.Figure, c.Word = pr.Number(c.Count), pr.N("web.count.word", c.Count)
	if text.Title == "" {
		c.Title = pr.T("web.petition.no-text", "number", strconv.FormatInt(v.Number, 10))
	} else if !own {
		c.TitleLang = in
		c.Facts = append(c.Facts, pr.T("web.text.only", "lang", pr.T("lang."+string(in))))
	}
	if v.State == petition.Open {
		c.Bar, c.Next = w.next(pr, v)
	}
	switch {
	case v.State == petition.Open && !v.ClosesAt.IsZero():
		c.Facts = append(c.Facts, pr.T("web.petition.closes", "date", w.lawOf(v.Petition).Today(v.ClosesAt.Add(-time.Nanosecond))))
	case v.State == petition.Closed && !v.ClosedAt.IsZero():
		c.Facts = append(c.Facts, pr.T("web.petition.closed", "date", w.lawOf(v.Petition).Today(v.ClosedAt)))
	}
	return c
}

// fallbacks are the languages to read a text in when the reader's is missing.
func fallbacks(own petition.Lang) []petition.Lang {
	return append([]petition.Lang{own}, i18n.Langs()...)
}

// lawOf is the law of a petition, or, for one of another site, the site's own:
// it then only tells the time zone.
func (w *Web) lawOf(p petition.Petition) *petition.Profile {
	if w.store != nil {
		if law := w.store.Laws().Of(p); law != nil {
			return law
		}
	}
	return w.law
}

// here reports whether a petition runs on this site: others are read-only.
func here(v store.Public) bool { return v.Origin == store.Here || v.Origin == store.Replay }

// tags say where a petition stands: its state, and, where somebody was asked
// to answer, where that stands.
func (w *Web) tags(pr *i18n.Printer, v store.Public, now time.Time) []tag {
	var tags []tag
	if v.Archived {
		tags = append(tags, tag{"archived", pr.T("web.petition.archived")})
	}
	if v.Kind == petition.KindProposal {
		tags = append(tags, tag{"plain", pr.T("kind.proposal")})
	}
	switch v.State {
	case petition.Open:
		tags = append(tags, tag{"open", pr.T("state.open")})
	case petition.Closed:
		tags = append(tags, tag{"closed", pr.T("state.closed")})
	case petition.Refused, petition.Appealed:
		return append(tags, tag{"refused", pr.T("state.refused")})
	case petition.Hidden:
		return append(tags, tag{"refused", pr.T("state.hidden")})
	case petition.Removed:
		return append(tags, tag{"refused", pr.T("state.removed")})
	default:
		return append(tags, tag{"plain", pr.T("state." + string(v.State))})
	}
	switch due := w.duty(v); {
	case v.Answer != nil || !v.Debate.AnsweredAt.IsZero():
		tags = append(tags, tag{"answered", pr.T("state.answered")})
	case v.Petition.Archived() && w.lawOf(v.Petition).PhaseOf(v.Petition, now).Key == "unanswered":
		tags = append(tags, tag{"overdue", pr.T("state.unanswered")})
	case due == nil:
		if !here(v) && !v.Debate.ResponseAt.IsZero() && !v.Archived {
			tags = append(tags, tag{"waiting", pr.T("state.waiting")})
		}
	case !due.AnswerBy.IsZero() && due.AnswerBy.Before(w.lawOf(v.Petition).Today(now)):
		tags = append(tags, tag{"overdue", pr.T("state.overdue")})
	default:
		tags = append(tags, tag{"waiting", pr.T("state.waiting")})
	}
	return tags
}

func (w *Web) duty(v store.Public) *petition.StageReached {
	if !here(v) {
		return nil
	}
	return w.lawOf(v.Petition).Duty(v.Petition)
}

// next is the way to the next stage, or nil when every stage was reached or
// the petition is another site's.
func (w *Web) next(pr *i18n.Printer, v store.Public) (*progress, string) {
	if !here(v) || v.Kind == petition.KindProposal {
		return nil, ""
	}
	for _, s := range w.lawOf(v.Petition).Stages {
		if _, done := v.Reached(s.ID); done {
			continue
		}
		need := v.Needed(s)
		if need == 0 {
			continue // nobody told the population it depends on
		}
		words := pr.T("web.petition.next", "stage", inLang(s.Name, pr.Lang()), "threshold", need)
		return &progress{Value: min(v.Shown, need), Max: need,
			Label: pr.T("web.petition.progress", "count", v.Shown, "threshold", need)}, words
	}
	return nil, ""
}
