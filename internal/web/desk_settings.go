package web

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/settings"
	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

func (w *Web) deskSettingsRoutes(mux *http.ServeMux) {
	run := func(h deskHandler) func(petition.Lang) httpd.Handler {
		return func(l petition.Lang) httpd.Handler { return w.forStaff(l, staff.RunSite, h) }
	}
	w.each(mux, "GET", "/desk/settings", run(w.deskSettings))
	w.each(mux, "GET", "/desk/settings/{group}", run(w.deskGroup))
	w.each(mux, "POST", "/desk/settings/{group}", run(w.deskChange))
	w.each(mux, "GET", "/desk/settings/history", run(w.deskHistory))
	w.each(mux, "GET", "/desk/settings/bodies", run(w.deskBodies))
	w.each(mux, "POST", "/desk/settings/bodies", run(w.deskImportBodies))
	w.each(mux, "GET", "/desk/settings/body", run(w.deskBodyForm))
	w.each(mux, "POST", "/desk/settings/body", run(w.deskSaveBody))
	w.each(mux, "GET", "/desk/settings/staff", run(w.deskStaff))
	w.each(mux, "POST", "/desk/settings/staff", run(w.deskAppoint))
	w.each(mux, "POST", "/desk/settings/staff/{id}", run(w.deskChangeStaff))
}

// settingRow is a setting in force.
type settingRow struct {
	Label, Value, URL string
	Fixed             bool
}

// settingsData is the first page of the settings.
type settingsData struct {
	Page
	Done  string
	Stale bool
	Rows  []settingRow
}

func (w *Web) deskSettings(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request) error {
	q, err := httpd.Query(r)
	if err != nil {
		return err
	}
	now, err := w.settings.Current(r.Context())
	if err != nil {
		return err
	}
	pr := w.bundle.Printer(l)
	d := settingsData{Page: w.deskPage(rw, l, who, "/desk/settings", pr.T("settings.title")), Stale: now.Stale}
	if q.Get("done") == "yes" {
		d.Done = pr.T("settings.done")
	}
	for _, group := range settingGroups() {
		for _, name := range groupSettings(group) {
			if name == petition.SetOfficial && now.Law.Binding != petition.Official || group == groupAssembly && !knowsDissolution(now) {
				continue
			}
			d.Rows = append(d.Rows, settingRow{Label: pr.T("setup.field." + name), Value: w.settingWords(l, name, now.Values[name]),
				URL: "/" + string(l) + "/desk/settings/" + group, Fixed: w.settings.Fixed(name)})
		}
	}
	return w.answer(rw, l, http.StatusOK, "settings", d)
}

// knowsDissolution reports whether the law says what a dissolution does. A day
// that was named under another law can still be taken out.
func knowsDissolution(now settings.Current) bool {
	return now.Law.Dissolution.Effect != "" || now.Values[petition.SetDissolved] != ""
}

// deskGroup asks for the settings of a group.
func (w *Web) deskGroup(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request) error {
	now, err := w.settings.Current(r.Context())
	if err != nil {
		return err
	}
	if r.PathValue("group") == groupAssembly && !knowsDissolution(now) {
		return httpd.ErrNotFound
	}
	return w.showGroup(who, l, rw, r, now.Values, nil, settingsForm{})
}

func (w *Web) showGroup(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request, a map[string]string, errs petition.FieldErrors, d settingsForm) error {
	group := r.PathValue("group")
	if !slices.Contains(settingGroups(), group) {
		return httpd.ErrNotFound
	}
	pr, path := w.bundle.Printer(l), "/desk/settings/"+group
	d.Page = w.deskPage(rw, l, who, path, pr.T("setup."+group+".title"))
	d.Step, d.Lead, d.Action, d.Faults = group, pr.T("setup."+group+".lead"), "/"+string(l)+path, w.summary(l, errs)
	if err := w.fillGroup(r.Context(), &d, l, group, a); err != nil {
		return err
	}
	status := http.StatusOK
	if d.Page.Invalid = len(errs) > 0 || len(d.Problems) > 0; d.Page.Invalid {
		status = http.StatusUnprocessableEntity
	}
	return w.answer(rw, l, status, "setup_step", d)
}

// change is a line of a confirmation or of the history.
type change struct{ When, Who, What, Old, New string }

// deskChange shows what a change would do, and does it when that was confirmed.
func (w *Web) deskChange(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request) error {
	group := r.PathValue("group")
	if !slices.Contains(settingGroups(), group) {
		return httpd.ErrNotFound
	}
	form, err := readUpload(rw, r)
	if err != nil {
		return err
	}
	a := w.settingAnswers(group, form)
	wanted, problems, err := w.wanted(r.Context(), group, a)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return w.showGroup(who, l, rw, r, a, nil, settingsForm{Problems: lineFaults(w.bundle.Printer(l), problems)})
	}
	acts, err := w.settings.Preview(r.Context(), wanted)
	if err == nil && len(acts) == 0 {
		return seeOther(rw, "/"+string(l)+"/desk/settings")
	}
	if err == nil {
		var changes []change
		for _, act := range acts {
			changes = append(changes, w.changeWords(r.Context(), l, act))
		}
		if yes, err := w.settingsAsked(rw, r, l, who, "/desk/settings/"+group, group, changes, form); !yes {
			return err
		}
		err = w.settings.Change(r.Context(), who.ID, wanted)
	}
	errs, err := asFaults(err)
	if err != nil {
		return err
	}
	if len(errs) > 0 {
		return w.showGroup(who, l, rw, r, a, errs, settingsForm{})
	}
	return seeOther(rw, "/"+string(l)+"/desk/settings?done=yes")
}

// settingsAsked asks whether a form of the settings is meant. It comes along
// and is judged again; what it changes must still be what it was.
func (w *Web) settingsAsked(rw http.ResponseWriter, r *http.Request, l petition.Lang, who store.Staff, path, group string, changes []change, form url.Values) (bool, error) {
	was := sha256.New()
	for _, c := range changes {
		fmt.Fprintf(was, "%q %q\n", c.What, c.Old)
	}
	q := question{key: "settings", says: "public long final", public: w.bundle.Printer(l).T("settings.public." + group), changes: changes, seen: hex.EncodeToString(was.Sum(nil)[:8]), back: "/" + string(l) + path, calm: true}
	return w.asked(rw, r, w.deskPage(rw, l, who, path, ""), form, q)
}

// changeWords tells an act to people.
func (w *Web) changeWords(ctx context.Context, l petition.Lang, act petition.SettingAct) change {
	pr := w.bundle.Printer(l)
	c := change{What: act.Name, Old: act.Old, New: act.New}
	kind, id, other := strings.Cut(act.Name, ":")
	switch {
	case other && kind == "body":
		was, will := bodyOfAct(act.Old), bodyOfAct(act.New)
		c.What = pr.T("settings.act.body", "id", cmp.Or(will["name."+string(l)], id))
		c.Old, c.New = bodyWords(pr, was, will)
	case other && kind == "staff":
		c.What = pr.T("settings.act.staff", "id", id)
		c.Old, c.New = w.staffActWords(ctx, pr, act.Old), w.staffActWords(ctx, pr, act.New)
	case other && kind == "mailing":
		c.What = pr.T("settings.act.mailing", "id", id)
		c.Old, c.New = pr.T("desk.letters.state."+act.Old), pr.T("desk.letters.state."+act.New)
	default:
		c.What = pr.T("setup.field." + act.Name)
		c.Old, c.New = w.settingWords(l, act.Name, act.Old), w.settingWords(l, act.Name, act.New)
	}
	if act.Old == "" && (other || act.Name != petition.SetPlaces && act.Name != petition.SetOfficial) {
		c.Old = pr.T("setup.empty")
	}
	if !act.At.IsZero() {
		c.When = pr.ShortDate(w.law.Today(act.At)) + ", " + pr.Time(act.At, w.law.Location)
		c.Who = pr.T("settings.command")
		if act.Actor > 0 {
			c.Who = "№ " + strconv.FormatInt(act.Actor, 10)
		}
	}
	return c
}

// staffActWords is an account as an act of the history has it, a role with the
// body of an officer, in words; one that a later version wrote as it stands.
func (w *Web) staffActWords(ctx context.Context, pr *i18n.Printer, account string) string {
	role, body, _ := strings.Cut(account, " ")
	switch {
	case role == "disabled":
		return pr.T("settings.staff.disabled")
	case !store.Role(role).Known():
		return account
	case body == "":
		return pr.T("desk.role." + role)
	}
	return pr.T("desk.role."+role) + ": " + w.bodyName(ctx, pr.Lang(), body)
}

// historyLength is how many acts the history shows.
const historyLength = 500

// historyData is the history of acts.
type historyData struct {
	Page
	Changes []change
}

func (w *Web) deskHistory(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request) error {
	acts, err := w.settings.Acts(r.Context(), historyLength)
	if err != nil {
		return err
	}
	d := historyData{Page: w.deskPage(rw, l, who, "/desk/settings/history", w.bundle.Printer(l).T("settings.history.title"))}
	for _, act := range acts {
		d.Changes = append(d.Changes, w.changeWords(r.Context(), l, act))
	}
	return w.answer(rw, l, http.StatusOK, "settings_history", d)
}
