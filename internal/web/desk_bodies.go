package web

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/dauys/dauys/civil"
	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/settings"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/register"
)

// bodyEntry is a body in the list.
type bodyEntry struct {
	URL, Name, ID string
	Kind, Place   string // in words
	Email         string
	Until         string // last day, in words; "" while it exists
}

// deskBodiesData is the list of bodies.
type deskBodiesData struct {
	Page
	Done     string
	Problems []lineFault
	List     []bodyEntry

	Table     *field // for many as CSV
	TableOpen bool
}

func (w *Web) deskBodies(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request) error {
	return w.showBodies(who, l, rw, r, "", nil)
}

func (w *Web) showBodies(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request, csv string, problems []register.Problem) error {
	bodies, err := w.settings.Bodies(r.Context())
	if err != nil {
		return err
	}
	now, err := w.settings.Current(r.Context())
	if err != nil {
		return err
	}
	pr := w.bundle.Printer(l)
	d := deskBodiesData{Page: w.deskPage(rw, l, who, "/desk/settings/bodies", pr.T("setup.bodies.title")), Problems: lineFaults(pr, problems)}
	if r.URL.RawQuery == "done=yes" {
		d.Done = pr.T("settings.done")
	}
	for _, b := range bodies {
		e := bodyEntry{URL: "/" + string(l) + "/desk/settings/body?id=" + b.ID, Name: b.Name(string(l)), ID: b.ID, Kind: kindWords(pr, b.Kind), Place: b.Place, Email: b.Email}
		if now.Places != nil {
			if p, known := now.Places.Lookup(b.Place); known {
				e.Place = p.Name(string(l))
			}
		}
		if !b.To.IsZero() {
			e.Until = pr.Date(b.To)
		}
		d.List = append(d.List, e)
	}
	d.Table = &field{Name: "csv", Label: pr.T("setup.bodies.csv"), Hint: pr.T("setup.bodies.csv.hint"), Rows: 8, Value: csv}
	d.TableOpen = len(problems) > 0
	status := http.StatusOK
	if d.Page.Invalid = len(problems) > 0; d.Page.Invalid {
		status = http.StatusUnprocessableEntity
	}
	return w.answer(rw, l, status, "settings_bodies", d)
}

// deskImportBodies takes a CSV whole or not at all.
func (w *Web) deskImportBodies(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request) error {
	form, err := readUpload(rw, r)
	if err != nil {
		return err
	}
	now, err := w.settings.Current(r.Context())
	if err != nil {
		return err
	}
	bodies, problems := settings.ParseBodies(form.Get("csv"), now.Places)
	if len(problems) > 0 {
		return w.showBodies(who, l, rw, r, form.Get("csv"), problems)
	}
	return w.askBodies(who, l, rw, r, "/desk/settings/bodies", bodies, form)
}

// askBodies saves bodies, once that is confirmed.
func (w *Web) askBodies(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request, path string, bodies []register.Body, form url.Values) error {
	changes, err := w.bodyChanges(r, l, bodies)
	if err != nil {
		return err
	}
	if len(changes) == 0 {
		return seeOther(rw, "/"+string(l)+"/desk/settings/bodies")
	}
	if yes, err := w.settingsAsked(rw, r, l, who, path, "bodies", changes, form); !yes {
		return err
	}
	if _, err := w.settings.SaveBodies(r.Context(), who.ID, bodies); err != nil {
		return err
	}
	return seeOther(rw, "/"+string(l)+"/desk/settings/bodies?done=yes")
}

// bodyChanges are the acts that saving bodies would be, in words.
func (w *Web) bodyChanges(r *http.Request, l petition.Lang, bodies []register.Body) ([]change, error) {
	have, err := w.settings.Bodies(r.Context())
	if err != nil {
		return nil, err
	}
	var changes []change
	for _, b := range bodies {
		var was map[string]string
		if i := slices.IndexFunc(have, func(h register.Body) bool { return h.ID == b.ID }); i >= 0 {
			was = settings.BodyCells(have[i])
		}
		pr := w.bundle.Printer(l)
		c := change{What: pr.T("settings.act.body", "id", b.Name(string(l)))}
		if c.Old, c.New = bodyWords(pr, was, settings.BodyCells(b)); c.New == "" {
			continue
		}
		if was == nil {
			c.Old = pr.T("setup.empty")
		}
		changes = append(changes, c)
	}
	return changes, nil
}

// bodyWords says what an act does to a body, from one record of it to another:
// a line for each thing that it alters, as it was and as it will be.
func bodyWords(pr *i18n.Printer, was, will map[string]string) (before, after string) {
	var old, now []string
	for _, name := range settings.BodyColumns()[1:] {
		if was[name] == will[name] {
			continue
		}
		label := pr.T("setup.body."+name) + ": "
		old, now = append(old, label+cmp.Or(cellWords(pr, name, was[name]), "—")), append(now, label+cmp.Or(cellWords(pr, name, will[name]), "—"))
	}
	if was == nil {
		old = nil
	}
	return strings.Join(old, "\n"), strings.Join(now, "\n")
}

// cellWords is a cell of a body's record in words.
func cellWords(pr *i18n.Printer, name, cell string) string {
	switch name {
	case "kind":
		return kindWords(pr, cell)
	case "from", "to":
		if day, err := civil.ParseDate(cell); err == nil {
			return pr.Date(day)
		}
	}
	return cell
}

// bodyOfAct is the record of a body, as an act keeps it; nil for none.
func bodyOfAct(record string) map[string]string {
	var b register.Body
	if record == "" || json.Unmarshal([]byte(record), &b) != nil {
		return nil
	}
	return settings.BodyCells(b)
}

// deskBodyForm asks for a body: a new one, or that with the id of the query.
func (w *Web) deskBodyForm(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request) error {
	q, err := httpd.Query(r)
	if err != nil {
		return err
	}
	cells := map[string]string{}
	if id := q.Get("id"); id != "" {
		bodies, err := w.settings.Bodies(r.Context())
		if err != nil {
			return err
		}
		i := slices.IndexFunc(bodies, func(b register.Body) bool { return b.ID == id })
		if i < 0 {
			return httpd.ErrNotFound
		}
		cells = settings.BodyCells(bodies[i])
	}
	now, err := w.settings.Current(r.Context())
	if err != nil {
		return err
	}
	return w.showBodyForm(who, l, rw, now.Values, cells, nil, nil)
}

func (w *Web) showBodyForm(who store.Staff, l petition.Lang, rw http.ResponseWriter, now petition.Settings, cells map[string]string, errs petition.FieldErrors, problems []register.Problem) error {
	pr := w.bundle.Printer(l)
	title := cmp.Or(cells["name."+string(l)], pr.T("setup.bodies.add"))
	d := settingsForm{Page: w.deskPage(rw, l, who, "/desk/settings/body", title), Step: "body", Lead: pr.T("settings.body.lead"),
		Action: "/" + string(l) + "/desk/settings/body", Faults: w.summary(l, errs), Problems: lineFaults(pr, problems)}
	d.fillBody(pr, w.law, siteLangs(now), cells)
	status := http.StatusOK
	if d.Page.Invalid = len(errs)+len(problems) > 0; d.Page.Invalid {
		status = http.StatusUnprocessableEntity
	}
	return w.answer(rw, l, status, "setup_step", d)
}

func (w *Web) deskSaveBody(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request) error {
	form, err := httpd.ParseForm(r)
	if err != nil {
		return err
	}
	now, err := w.settings.Current(r.Context())
	if err != nil {
		return err
	}
	cells, _ := readBodyRow(form)
	known, err := w.settings.Bodies(r.Context())
	if err != nil {
		return err
	}
	typed := maps.Clone(cells)
	if errs := completeBody(cells, known, now.Places, siteLangs(now.Values)); len(errs) > 0 {
		return w.showBodyForm(who, l, rw, now.Values, typed, errs, nil)
	}
	bodies, problems := settings.ParseBodies(settings.BodyCSV(cells), now.Places)
	if len(problems) > 0 {
		return w.showBodyForm(who, l, rw, now.Values, typed, nil, ofForm(problems))
	}
	return w.askBodies(who, l, rw, r, "/desk/settings/body", bodies, form)
}
