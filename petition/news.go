package petition

import "time"

// News is what a petitioner tells the followers of a petition.
type News struct {
	Title string    `json:"title"`
	Text  string    `json:"text"`
	Lang  Lang      `json:"lang"`
	At    time.Time `json:"at"` // handed in
}

// The limits of news, in grapheme clusters, and how far apart they are at least.
const (
	NewsTitle = 80
	NewsText  = 800
	NewsEvery = 7 * 24 * time.Hour
)

// NewsFrom is the moment from which the next news may be handed in: the zero
// time when at once. False when this petition can have none now.
func (p Petition) NewsFrom() (time.Time, bool) {
	if p.State != Open && p.State != Closed || p.News != nil || p.OrgCheck.disowned() || p.Archived() {
		return time.Time{}, false
	}
	if p.NewsAt.IsZero() {
		return time.Time{}, true
	}
	return p.NewsAt.Add(NewsEvery), true
}

// CheckNews judges the words of news; the field names are those of the form.
func CheckNews(n News) FieldErrors {
	return append(checkLine("news_title", n.Title, NewsTitle, true), CheckText("news_text", n.Text, NewsText, true)...)
}

// WriteNews hands news in; they wait for a moderator. At most one at a time
// (ErrState), and at most one a week is published.
func (l *Profile) WriteNews(p Petition, n News, now time.Time) (Change, error) {
	if p.Archived() {
		return Change{}, ErrArchived
	}
	from, ok := p.NewsFrom()
	if !ok {
		return Change{}, ErrState
	}
	if errs := CheckNews(n); len(errs) > 0 {
		return Change{}, errs
	}
	if now.Before(from) {
		return Change{}, FieldErrors{{Field: "news_title", Key: "news_week"}}
	}
	n.At = now
	p.News = &n
	return changed(p, EvNewsWritten, now, ActorPetitioner, nil), nil
}

// DecideNews publishes the news that wait, or refuses them with a reason. read
// is when the news were handed in that the officer read: others are ErrTextChanged.
func (l *Profile) DecideNews(p Petition, d Decision, read, now time.Time) (Change, error) {
	if p.Archived() {
		return Change{}, ErrArchived
	}
	if p.News == nil {
		return Change{}, ErrState
	}
	if !p.News.At.Equal(read) {
		return Change{}, ErrTextChanged
	}
	n := *p.News
	p.News = nil
	switch d.Verdict {
	case Publish:
		if p.State != Open && p.State != Closed {
			return Change{}, ErrState
		}
		p.NewsAt = now
		return changed(p, EvNews, now, ActorOfficer(d.Officer),
			map[string]string{"title": n.Title, "text": n.Text, "lang": string(n.Lang)}), nil
	case Reject:
		if _, ok := l.Reason(d.Reason); !ok {
			return Change{}, ErrReason
		}
		return changed(p, EvNewsRefused, now, ActorOfficer(d.Officer), reasonData(d)), nil
	}
	return Change{}, ErrReason
}
