package web

import (
	"context"
	"net/http"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/petition"
)

// rulesRoutes registers what single laws ask for.
func (w *Web) rulesRoutes(mux *http.ServeMux) {
	w.each(mux, "GET", "/member/{token}", w.getMember)
	w.each(mux, "POST", "/member/{token}", w.postMember)
	w.each(mux, "POST", "/mine/{token}/member", w.postMineMember)
	w.each(mux, "POST", "/desk/petitions/{id}/member", w.postDeskMember)
}

// assuranceNotice says plainly that this site proves signers by mail, where the
// law asks for more; "" where it does not.
func assuranceNotice(pr *i18n.Printer, law *petition.Profile) string {
	if !law.Falls(petition.AssuranceMail) {
		return ""
	}
	return pr.T("assurance.notice", "wants", pr.T("assurance.wants."+law.Signer.Assurance))
}

// dissolvedNotice says that the assembly is dissolved, and what follows; "" while it sits.
func (w *Web) dissolvedNotice(pr *i18n.Printer) string {
	if w.dissolved.IsZero() || w.law.Dissolution.Effect == "" || w.now().Before(w.law.DissolvedAt(w.dissolved)) {
		return ""
	}
	return pr.T("dissolved.notice."+w.law.Dissolution.Effect, "date", w.dissolved)
}

// outageRow is an outage in words.
type outageRow struct{ From, To, Long string }

// outagesShown is how many outages the page about the site lists.
const outagesShown = 20

// outages are the latest measured outages. They are listed whatever the law
// makes of them.
func (w *Web) outages(ctx context.Context, pr *i18n.Printer) ([]outageRow, error) {
	list, err := w.store.PublicOutages(ctx, outagesShown)
	var rows []outageRow
	for _, o := range list {
		hours := int64(o.To.Sub(o.From).Hours() + 0.5)
		row := outageRow{From: pr.Date(w.law.Today(o.From)) + ", " + pr.Time(o.From, w.law.Location),
			To: pr.Date(w.law.Today(o.To)) + ", " + pr.Time(o.To, w.law.Location), Long: pr.N("unit.hours", hours)}
		if hours == 0 {
			row.Long = pr.T("outage.short")
		}
		rows = append(rows, row)
	}
	return rows, err
}

// ruledView is what single rules did to a petition, for its page.
type ruledView struct {
	Stopped  petition.Date
	Archived petition.Date // since when it is in the archive; zero when it is not
	Silent   bool          // it went there without the answer that was asked for
	Extended []string
	Member   string
	Notice   string // about the assurance of the signatures
}

func ruled(pr *i18n.Printer, law *petition.Profile, p petition.Petition) ruledView {
	v := ruledView{Stopped: p.DissolvedOn, Notice: assuranceNotice(pr, law)}
	if p.Archived() {
		v.Archived, v.Silent = law.Today(p.ArchivedAt), law.PhaseOf(p, p.ArchivedAt).Key == "unanswered"
	}
	for _, e := range p.Extensions {
		v.Extended = append(v.Extended, pr.N("extended.days", int64(e.Days), "from", law.Today(e.From), "to", law.Today(e.To)))
	}
	if a := p.Authorised(); a != nil {
		v.Member = a.Member
	}
	return v
}

// barredRow is an earlier petition that bars the same demand.
type barredRow struct {
	URL, Title string
	Lang       petition.Lang
	Until      petition.Date
	Same       bool
}

// barredBy are the earlier petitions that bar the demand of a title.
func (w *Web) barredBy(ctx context.Context, l, in petition.Lang, title string) ([]barredRow, error) {
	list, err := w.moderation.Bar(ctx, in, title)
	var rows []barredRow
	for _, b := range list {
		t, of, _ := b.Texts.In(in, fallbacks(b.Lang)...)
		rows = append(rows, barredRow{URL: "/" + string(l) + petitionPath(b.Number), Title: t.Title, Lang: of, Until: b.Until, Same: b.Same})
	}
	return rows, err
}
