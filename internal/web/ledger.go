package web

import (
	"strconv"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/petition"
)

// getLedger says what the public register of acts will hold, and where each
// kind of act is published until it is here.
func (w *Web) getLedger(l petition.Lang) httpd.Handler {
	return w.plain(l, "ledger", "face.ledger.title", "face.ledger.lede", func(pr *i18n.Printer) []section {
		base := "/" + string(l)
		return []section{
			numbered(pr, "face.ledger.now", 2),
			{Title: pr.T("face.ledger.acts"), Links: []link{
				{pr.T("web.nav.moderation"), base + "/moderation"}, {pr.T("web.nav.removals"), base + "/removals"},
				{pr.T("web.nav.demands"), base + "/demands"}, {pr.T("web.nav.petitions"), "/petitions.csv"}, {pr.T("web.nav.api"), base + "/api"},
			}},
			numbered(pr, "face.ledger.then", 4),
			{Title: pr.T("face.verify.title"), Lines: []string{pr.T("face.ledger.verify")}, Links: []link{{pr.T("face.verify.title"), base + "/verify"}}},
		}
	})
}

// getVerify says what anybody can check today, with which tools, and what not.
func (w *Web) getVerify(l petition.Lang) httpd.Handler {
	return w.plain(l, "verify", "face.verify.title", "face.verify.lede", func(pr *i18n.Printer) []section {
		return []section{
			numbered(pr, "face.verify.can", 4),
			numbered(pr, "face.verify.not", 2),
			{Title: pr.T("face.ledger.title"), Lines: []string{pr.T("face.verify.later")}, Links: []link{{pr.T("face.ledger.title"), "/" + string(l) + "/ledger"}}},
		}
	})
}

// numbered is a section whose lines are key.1 to key.n.
func numbered(pr *i18n.Printer, key string, n int) section {
	s := section{Title: pr.T(key)}
	for i := range n {
		s.Lines = append(s.Lines, pr.T(key+"."+strconv.Itoa(i+1)))
	}
	return s
}
