package web

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/settings"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/register"
)

// bodyEntry is a body in the list.
type bodyEntry struct {
	URL, Name, ID string
	Until         string // last day, in words; "" while it exists
}

// deskBodiesData is the list of bodies.
type deskBodiesData struct {
	Page
	Done     string
	Problems []register.Problem
	List     []bodyEntry
	Items    []formItem
}

func (w *Web) deskBodies(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request) error {
	return w.showBodies(who, l, rw, r, "", nil)
}

func (w *Web) showBodies(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request, csv string, problems []register.Problem) error {
	bodies, err := w.settings.Bodies(r.Context())
	if err != nil {
		return err
	}
	pr := w.bundle.Printer(l)
	d := deskBodiesData{Page: w.deskPage(rw, l, who, "/desk/settings/bodies", pr.T("setup.bodies.title")), Problems: problems}
	if r.URL.RawQuery == "done=yes" {
		d.Done = pr.T("settings.done")
	}
	for _, b := range bodies {
		e := bodyEntry{URL: "/" + string(l) + "/desk/settings/body?id=" + b.ID, Name: b.Name(string(l)), ID: b.ID}
		if !b.To.IsZero() {
			e.Until = pr.Date(b.To)
		}
		d.List = append(d.List, e)
	}
	d.Items = []formItem{{Field: &field{Name: "csv", Label: pr.T("setup.bodies.csv"), Hint: pr.T("setup.bodies.csv.hint"), Rows: 8, Value: csv}}}
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
		old := ""
		if i := slices.IndexFunc(have, func(h register.Body) bool { return h.ID == b.ID }); i >= 0 {
			old = bodyText(have[i])
		}
		if next := bodyText(b); next != old {
			c := w.changeWords(l, petition.SettingAct{Name: "body:" + b.ID})
			if c.New = next; old != "" {
				c.Old = old
			}
			changes = append(changes, c)
		}
	}
	return changes, nil
}

// bodyText is a body on one line.
func bodyText(b register.Body) string {
	cells := settings.BodyCells(b)
	var parts []string
	for _, name := range bodyColumns()[1:] {
		if v := cells[name]; v != "" {
			parts = append(parts, v)
		}
	}
	return strings.Join(parts, " · ")
}

// bodyWords is the record of a body, as an act keeps it, on one line.
func bodyWords(record string) string {
	var b register.Body
	if record == "" || json.Unmarshal([]byte(record), &b) != nil {
		return record
	}
	return bodyText(b)
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
	return w.showBodyForm(who, l, rw, cells, nil)
}

func (w *Web) showBodyForm(who store.Staff, l petition.Lang, rw http.ResponseWriter, cells map[string]string, problems []register.Problem) error {
	pr := w.bundle.Printer(l)
	title := cmp.Or(cells["name."+string(l)], pr.T("setup.bodies.add"))
	d := settingsForm{Page: w.deskPage(rw, l, who, "/desk/settings/body", title), Step: "body", Lead: pr.T("settings.body.lead"),
		Action: "/" + string(l) + "/desk/settings/body", Items: w.bodyItems(l, cells, nil), Problems: problems}
	status := http.StatusOK
	if d.Page.Invalid = len(problems) > 0; d.Page.Invalid {
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
	bodies, problems := settings.ParseBodies(settings.BodyCSV(cells), now.Places)
	if len(problems) > 0 {
		return w.showBodyForm(who, l, rw, maps.Clone(cells), problems)
	}
	return w.askBodies(who, l, rw, r, "/desk/settings/body", bodies, form)
}
