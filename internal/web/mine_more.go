package web

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/moderation"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// mineMore is what else a petitioner can do; the template is mine_more.
type mineMore struct {
	Token    string
	Versions []versionView
	News     *newsForm     // nil when none can be written now
	NewsFrom petition.Date // the next may be written from this day; zero for now
	Waiting  *newsView     // waits for a moderator
	Display  *choice       // nil when nothing can be chosen any more
	Merge    *field        // nil when the petition cannot ask another
	Asked    string        // path of the petition that was asked; "" for none
	Offers   []offerView
	Data     bool // the own data can be asked for
}

type newsForm struct{ Title, Text field }

// newsView is one piece of news.
type newsView struct {
	Title, Text string
	Lang        petition.Lang
	Date        petition.Date
}

// offerView is a petition that asks to close in favour of this one.
type offerView struct{ Number, Path string }

// versionView is a version of the text with what it changed.
type versionView struct {
	Number  int
	Hash    string
	Current bool
	Parts   []versionPart
}

// versionPart is one field of a text in one language, in pieces.
type versionPart struct {
	Label  string
	Lang   petition.Lang
	Pieces []petition.Piece
}

func (w *Web) mineMore(pr *i18n.Printer, token string, m moderation.Mine, versions []store.TextVersion, faults []fault, form url.Values) *mineMore {
	p, law := m.Petition, m.Law
	more := &mineMore{Token: token, Versions: w.textVersions(pr, law, versions), Data: true}
	if from, ok := p.NewsFrom(); ok && w.now().Before(from) {
		more.NewsFrom = law.Today(from)
	} else if ok {
		more.News = &newsForm{
			Title: field{Name: "news_title", Label: pr.T("mine.news.title"), Value: form.Get("news_title"), Max: petition.NewsTitle,
				Lang: p.Lang, Error: faultOf(faults, "news_title")},
			Text: field{Name: "news_text", Label: pr.T("mine.news.text"), Value: form.Get("news_text"), Max: petition.NewsText, Rows: 6,
				Lang: p.Lang, Error: faultOf(faults, "news_text")},
		}
	}
	if n := p.News; n != nil {
		more.Waiting = &newsView{Title: n.Title, Text: n.Text, Lang: n.Lang, Date: law.Today(n.At)}
	}
	switch p.State {
	case petition.Supporting, petition.Authorising, petition.Moderation, petition.Returned:
		more.Display = w.displayChoice(pr, law, p.Creator, string(p.Creator.Display), faults)
	case petition.Open:
		if p.Kind == petition.KindPetition && p.MergeInto == 0 {
			more.Merge = &field{Name: "merge_number", Label: pr.T("mine.merge.label"), Value: form.Get("merge_number"), Error: faultOf(faults, "merge_number")}
		}
	}
	if p.MergeInto != 0 {
		more.Asked = "/" + string(pr.Lang()) + petitionPath(p.MergeInto)
	}
	for _, n := range p.MergeOffers {
		more.Offers = append(more.Offers, offerView{numberWords(n), "/" + string(pr.Lang()) + petitionPath(n)})
	}
	return more
}

// displayChoice asks how a person shall be shown; nil where the law leaves no
// choice, and for organisations, which are always named.
func (w *Web) displayChoice(pr *i18n.Printer, law *petition.Profile, c petition.Creator, chosen string, faults []fault) *choice {
	ways := law.Displays()
	if len(ways) < 2 || c.Kind == petition.Organisation || c.Erased {
		return nil
	}
	ask := &choice{Name: "display", Label: pr.T("start.display.label"), Hint: pr.T("start.display.hint"), Error: faultOf(faults, "display")}
	for _, d := range ways {
		ask.Options = append(ask.Options, option{Value: string(d), Label: pr.T("display." + string(d)),
			Selected: chosen == string(d) || chosen == "" && d == petition.DisplayName})
	}
	return ask
}

// textVersions are the versions of a text, the newest first, each with what it
// changed; nil while there is one only.
func (w *Web) textVersions(pr *i18n.Printer, law *petition.Profile, versions []store.TextVersion) []versionView {
	if len(versions) < 2 {
		return nil
	}
	var views []versionView
	for i, version := range slices.Backward(versions) {
		v := versionView{Number: version.Version, Hash: version.Hash, Current: i == len(versions)-1}
		var before petition.Texts
		if i > 0 {
			before = versions[i-1].Texts
		}
		for _, tl := range law.Languages {
			v.Parts = append(v.Parts, versionParts(pr, tl.Lang, before, versions[i].Texts, i > 0)...)
		}
		views = append(views, v)
	}
	return views
}

// versionParts are the fields of one language that a version has, or changed.
func versionParts(pr *i18n.Printer, l petition.Lang, before, after petition.Texts, changes bool) []versionPart {
	a, b := before[l], after[l]
	var parts []versionPart
	for _, f := range []struct{ what, before, after string }{
		{"title", a.Title, b.Title}, {"ask", a.Ask, b.Ask}, {"details", a.Details, b.Details},
	} {
		if changes && f.before == f.after || f.before+f.after == "" {
			continue
		}
		part := versionPart{Label: pr.T("start.field." + f.what), Lang: l, Pieces: []petition.Piece{{Op: "same", Text: f.after}}}
		if changes {
			part.Pieces = petition.Diff(f.before, f.after)
		}
		parts = append(parts, part)
	}
	return parts
}

// creatorWords is the petitioner as everyone may see it, in words.
func creatorWords(pr *i18n.Printer, c petition.Creator) string {
	switch {
	case c.Erased:
		return pr.T("creator.erased")
	case c.Name == "" && c.Display == petition.DisplayPlatform:
		return pr.T("creator.platform")
	}
	return c.Name
}

// supporterCreator is the petitioner for those who have the secret link: the
// record is the whole one, so it is cut down to what was chosen.
func supporterCreator(pr *i18n.Printer, p petition.Petition) string {
	words := creatorWords(pr, p.Creator.Public())
	if p.Creator.Kind == petition.Organisation {
		words += ", " + p.Creator.Org + " (" + orgWords(pr, p) + ")"
	}
	return words
}

// orgWords says whether the organisation stands behind the petition.
func orgWords(pr *i18n.Printer, p petition.Petition) string {
	switch {
	case p.OrgVerified():
		return pr.T("org.confirmed")
	case p.OrgCheck != nil && p.OrgCheck.State == petition.OrgDisowned:
		return pr.T("org.disowned")
	}
	return pr.T("org.unverified")
}

// mergeNumber is the public number of a form; 0 for none.
func mergeNumber(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1 {
		return 0
	}
	return n
}
