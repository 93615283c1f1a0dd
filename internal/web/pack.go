package web

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/pack"
	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// packLangs are the languages of the body: those the law demands of a text.
func packLangs(law *petition.Profile) []petition.Lang {
	var langs []petition.Lang
	for _, l := range law.Languages {
		if l.Required {
			langs = append(langs, l.Lang)
		}
	}
	if len(langs) == 0 && len(law.Languages) > 0 {
		langs = append(langs, law.Languages[0].Lang)
	}
	return langs
}

// packFacts are what the pack of a public petition tells; ErrNotFound for one
// that is not public, whose count nobody may hand out.
func (w *Web) packFacts(r *http.Request, c deskCase) (pack.Facts, error) {
	p, err := w.store.PublicPetition(r.Context(), c.p.Number)
	if errors.Is(err, store.ErrNotFound) || err == nil && (p.State != petition.Open && p.State != petition.Closed) {
		return pack.Facts{}, httpd.ErrNotFound
	} else if err != nil {
		return pack.Facts{}, err
	}
	f := pack.Facts{Petition: p.Petition, Law: c.law, Operator: w.site.Operator.Name, Now: w.now(), Body: map[petition.Lang]string{},
		Page: w.url + "/" + string(p.Lang) + "/petitions/" + strconv.FormatInt(p.Number, 10)}
	for _, l := range i18n.Langs() {
		f.Body[l] = w.bodyName(r.Context(), l, p.Body)
	}
	cells, other, err := w.store.PublicPlaces(r.Context(), p.Petition, w.choicesOf(p.Petition))
	for _, cell := range cells {
		names := map[petition.Lang]string{}
		for _, l := range i18n.Langs() {
			names[l] = w.placeName(l, c.law, cell.Code)
		}
		f.Places = append(f.Places, pack.Place{Names: names, Count: cell.Count})
	}
	if other > 0 {
		f.Places = append(f.Places, pack.Place{Count: other})
	}
	return f, err
}

// getPack answers with the delivery pack of a petition, as text or as a PDF.
func (w *Web) getPack(pdf bool) func(petition.Lang) httpd.Handler {
	return func(l petition.Lang) httpd.Handler {
		return w.forStaff(l, staff.DeliverTo, func(who store.Staff, _ petition.Lang, rw http.ResponseWriter, r *http.Request) error {
			c, err := w.loadCase(r, who)
			if err != nil {
				return err
			}
			f, err := w.packFacts(r, c)
			if err != nil {
				return err
			}
			media, ext := "text/plain; charset=utf-8", ".txt"
			var b []byte
			if pdf {
				media, ext = "application/pdf", ".pdf"
				b, err = pack.PDF(w.bundle, f, packLangs(c.law))
			} else {
				b = []byte(pack.Text(w.bundle, f, packLangs(c.law)))
			}
			if err != nil {
				return err
			}
			rw.Header().Set("Content-Type", media)
			rw.Header().Set("Content-Disposition", "attachment; filename=petition-"+strconv.FormatInt(f.Petition.Number, 10)+ext)
			_, err = rw.Write(b)
			return err
		})
	}
}
