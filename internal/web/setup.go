package web

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/identity"
	"github.com/dauys/dauys/internal/settings"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/register"
)

// The steps of the first run that are no group of settings.
const (
	setupAdmin  = "admin"
	setupBodies = "bodies"
	setupCheck  = "check"
)

func setupSteps() []string {
	return []string{setupAdmin, groupOperator, groupProfile, groupLanguages, groupPlaces, setupBodies, setupCheck}
}

// setupRoutes registers the first run and the settings of the desk.
func (w *Web) setupRoutes(mux *http.ServeMux) {
	if w.settings == nil {
		return
	}
	w.each(mux, "GET", "/setup/{token}", w.getSetup)
	w.each(mux, "POST", "/setup/{token}", w.postSetup)
	w.deskSettingsRoutes(mux)
}

// setup is one request to the first run.
type setup struct {
	token   string
	answers map[string]string
	bodies  string // the CSV so far
}

// openSetup lets the holder of a live link in.
func (w *Web) openSetup(rw http.ResponseWriter, r *http.Request) (setup, error) {
	noRobots(rw)
	rw.Header().Set("Cache-Control", httpd.NoStore)
	s := setup{token: r.PathValue("token")}
	var err error
	s.answers, err = w.settings.Open(r.Context(), s.token)
	s.bodies = s.answers["bodies"]
	return s, err
}

// getSetup shows a step: the one asked for, or the first that is not answered.
func (w *Web) getSetup(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		s, err := w.openSetup(rw, r)
		if err != nil {
			return err
		}
		q, err := httpd.Query(r)
		if err != nil {
			return err
		}
		step := q.Get("step")
		if !slices.Contains(setupSteps(), step) {
			step = setupSteps()[0]
			if have := s.answers["step"]; slices.Contains(setupSteps(), have) {
				step = have
			}
		}
		return w.showSetup(rw, r, l, s, step, nil, nil)
	}
}

// postSetup keeps the answers of a step, faulty ones too, and leads on.
func (w *Web) postSetup(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		s, err := w.openSetup(rw, r)
		if err != nil {
			return err
		}
		form, err := readUpload(rw, r)
		if err != nil {
			return err
		}
		step := form.Get("step")
		at := slices.Index(setupSteps(), step)
		if at < 0 {
			return httpd.ErrBadRequest
		}
		if step == setupCheck && form.Get("go") == goSubmit {
			return w.finishSetup(rw, r, l, s)
		}
		errs, problems, err := w.takeStep(r.Context(), &s, step, form)
		if err != nil {
			return err
		}
		to := setupSteps()[min(at+1, len(setupSteps())-1)]
		switch {
		case form.Get("go") == goBack:
			to = setupSteps()[max(at-1, 0)]
		case len(errs) > 0 || len(problems) > 0:
			if err := w.settings.Save(r.Context(), s.answers); err != nil {
				return err
			}
			return w.showSetup(rw, r, l, s, step, errs, problems)
		case form.Get("go") == "add":
			to = step
		}
		s.answers["step"] = to
		if err := w.settings.Save(r.Context(), s.answers); err != nil {
			return err
		}
		return seeOther(rw, "/"+string(l)+tokenPath("setup", s.token)+"?step="+to)
	}
}

// takeStep reads the answers of a step and judges them.
func (w *Web) takeStep(ctx context.Context, s *setup, step string, form url.Values) (petition.FieldErrors, []register.Problem, error) {
	switch step {
	case setupAdmin:
		s.answers["email"] = strings.TrimSpace(form.Get("email"))
	case setupBodies:
		s.answers["bodies"] = strings.ReplaceAll(form.Get("csv"), "\r\n", "\n")
		if row, ok := readBodyRow(form); ok {
			return w.addBody(ctx, s, row)
		}
	case setupCheck:
	default:
		s.answers = merged(s.answers, w.settingAnswers(step, form))
	}
	return w.judgeStep(ctx, s.answers, step)
}

// addBody puts one body of the form under those of the CSV. A faulty one is
// named on its own and stays in the form.
func (w *Web) addBody(ctx context.Context, s *setup, row map[string]string) (petition.FieldErrors, []register.Problem, error) {
	set, err := w.setOf(ctx, s.answers)
	if err != nil {
		return nil, nil, err
	}
	for name, value := range row {
		s.answers["body."+name] = value
	}
	known, _ := settings.ParseBodies(s.answers["bodies"], nil)
	if errs := completeBody(row, known, set, siteLangs(s.answers)); len(errs) > 0 {
		return errs, nil, nil
	}
	added, problems := settings.ParseBodies(settings.BodyCSV(row), set)
	if len(problems) > 0 {
		return nil, ofForm(problems), nil
	}
	for name := range row {
		delete(s.answers, "body."+name)
	}
	if strings.TrimSpace(s.answers["bodies"]) != "" {
		have, problems := settings.ParseBodies(s.answers["bodies"], set)
		if len(problems) > 0 {
			return nil, problems, nil
		}
		have = slices.DeleteFunc(have, func(b register.Body) bool { return b.ID == added[0].ID })
		added = append(have, added...)
	}
	s.answers["bodies"] = settings.BodiesCSV(added)
	return nil, nil, nil
}

// judgeStep judges the answers of one step.
func (w *Web) judgeStep(ctx context.Context, a map[string]string, step string) (errs petition.FieldErrors, problems []register.Problem, err error) {
	switch step {
	case setupAdmin:
		if _, err := identity.ParseAddress(a["email"]); err != nil {
			errs = petition.FieldErrors{{Field: "email", Key: "email"}}
		}
	case setupBodies:
		if strings.TrimSpace(a["bodies"]) == "" {
			return nil, nil, nil
		}
		set, err := w.setOf(ctx, a)
		if err != nil {
			return nil, nil, err
		}
		_, problems = settings.ParseBodies(a["bodies"], set)
	case setupCheck:
	default:
		wanted, problems, err := w.wanted(ctx, step, a)
		if err != nil || len(problems) > 0 {
			return nil, problems, err
		}
		if _, asked := wanted[petition.SetProfile]; asked && a["profile"] == "" {
			return petition.FieldErrors{{Field: "profile", Key: "required"}}, nil, nil
		}
		for _, name := range []string{petition.SetOperator, petition.SetContact} { // "" would be no change
			if v, asked := wanted[name]; asked && v == "" {
				errs = append(errs, petition.FieldError{Field: name, Key: "required"})
			}
		}
		_, err = w.settings.Preview(ctx, wanted)
		return collect(errs, err)
	}
	return errs, problems, nil
}

// asFaults takes the faults of fields out of an error.
func asFaults(err error) (petition.FieldErrors, error) {
	if errs, ok := errors.AsType[petition.FieldErrors](err); ok {
		return errs, nil
	}
	return nil, err
}

// collect adds the faults in err to errs; any other error stays one.
func collect(errs petition.FieldErrors, err error) (petition.FieldErrors, []register.Problem, error) {
	more, other := asFaults(err)
	for _, e := range more {
		if !slices.ContainsFunc(errs, func(have petition.FieldError) bool { return have.Field == e.Field }) {
			errs = append(errs, e)
		}
	}
	return errs, nil, other
}

// showSetup renders a step.
func (w *Web) showSetup(rw http.ResponseWriter, r *http.Request, l petition.Lang, s setup, step string, errs petition.FieldErrors, problems []register.Problem) error {
	pr := w.bundle.Printer(l)
	path := tokenPath("setup", s.token)
	d := settingsForm{Page: w.private(rw, l, path, pr.T("setup."+step+".title")), Step: step, Lead: pr.T("setup." + step + ".lead"),
		Action: "/" + string(l) + path, N: slices.Index(setupSteps(), step) + 1, Of: len(setupSteps()), Faults: w.summary(l, errs), Problems: lineFaults(pr, problems)}
	d.Page.Query, d.Page.Invalid = "step="+step, len(errs) > 0 || len(problems) > 0
	d.Steps = wizardSteps(pr, d.Action, step, s.answers["step"])
	switch step {
	case setupAdmin:
		d.Items = []formItem{{Field: &field{Name: "email", Type: "email", Autocomplete: "email", Label: pr.T("setup.field.email"),
			Hint: pr.T("setup.field.email.hint"), Value: s.answers["email"], Error: faultOf(d.Faults, "email")}}}
	case setupBodies:
		cells := map[string]string{}
		for _, name := range settings.BodyColumns() {
			cells[name] = s.answers["body."+name]
		}
		law, err := w.chosenLaw(r.Context(), s.answers)
		if err != nil {
			return err
		}
		d.fillBodies(pr, law, s.answers, cells)
	case setupCheck:
		d.Rows = w.setupRows(l, s.answers)
	default:
		a := s.answers
		if w.settings.Fixed(petition.SetProfile) || a["profile"] == "" {
			now, err := w.settings.Current(r.Context())
			if err != nil {
				return err
			}
			a = merged(a, map[string]string{"profile": now.Law.ID})
		}
		if err := w.fillGroup(r.Context(), &d, l, step, a); err != nil {
			return err
		}
	}
	status := http.StatusOK
	if d.Page.Invalid {
		status = http.StatusUnprocessableEntity
	}
	return w.answer(rw, l, status, "setup_step", d)
}

// fillBodies shows the bodies so far, as names and as CSV, and asks for one more.
func (d *settingsForm) fillBodies(pr *i18n.Printer, law *petition.Profile, a, cells map[string]string) {
	bodies, _ := settings.ParseBodies(a["bodies"], nil)
	for _, b := range bodies {
		d.Bodies = append(d.Bodies, b.Name(string(pr.Lang())))
	}
	d.fillBody(pr, law, siteLangs(a), cells)
	d.Table = &field{Name: "csv", Label: pr.T("setup.bodies.csv"), Hint: pr.T("setup.bodies.csv.hint"), Rows: 8, Optional: true, Value: a["bodies"]}
	d.Upload, d.TableOpen = true, len(d.Problems) > 0
}

// siteLangs are the languages of the site that answers, or settings, lead to.
func siteLangs(a map[string]string) []petition.Lang {
	return petition.Settings{petition.SetLanguages: a["languages"]}.Languages(i18n.Langs())
}

// setupRows are all answers, on the last page.
func (w *Web) setupRows(l petition.Lang, a map[string]string) []answerRow {
	pr := w.bundle.Printer(l)
	rows := []answerRow{{Label: pr.T("setup.field.email"), Value: a["email"], Step: setupAdmin}}
	for _, group := range setupSteps() {
		for _, name := range groupSettings(group) {
			value := w.settingWords(l, name, a[name])
			switch {
			case w.settings.Fixed(name):
				value = pr.T("setup.fixed")
			case name == petition.SetPlaces && a[name] == "profile":
				value = w.settingWords(l, name, "")
			}
			law := w.settings.Law(a["profile"])
			if name == petition.SetOfficial && (law == nil || law.Binding != petition.Official) || name == petition.SetAcknowledged && law != nil && len(law.OpenRules()) == 0 {
				continue
			}
			rows = append(rows, answerRow{Label: pr.T("setup.field." + name), Value: value, Step: group})
		}
	}
	bodies, _ := settings.ParseBodies(a["bodies"], nil)
	var names []string
	for _, b := range bodies {
		names = append(names, b.Name(string(l)))
	}
	if len(names) == 0 {
		names = []string{pr.T("setup.bodies.none")}
	}
	return append(rows, answerRow{Label: pr.T("setup.bodies.title"), Value: strings.Join(names, "\n"), Step: setupBodies})
}

// setupDone is the end of the first run: the only page with the login link.
type setupDone struct {
	Page
	Login string
	Email string
}

// finishSetup judges everything again and ends the first run.
func (w *Web) finishSetup(rw http.ResponseWriter, r *http.Request, l petition.Lang, s setup) error {
	ctx := r.Context()
	wanted := petition.Settings{}
	for _, step := range setupSteps() {
		errs, problems, err := w.judgeStep(ctx, s.answers, step)
		if err != nil {
			return err
		}
		if len(errs) > 0 || len(problems) > 0 {
			return w.showSetup(rw, r, l, s, step, errs, problems)
		}
		part, _, err := w.wanted(ctx, step, s.answers)
		if err != nil {
			return err
		}
		maps.Copy(wanted, part)
	}
	var bodies []register.Body
	if strings.TrimSpace(s.answers["bodies"]) != "" {
		bodies, _ = settings.ParseBodies(s.answers["bodies"], nil) // judged above
	}
	admin, token, err := w.staff.Appointment(s.answers["email"], store.Admin, "", l, w.loginAddress(l))
	if err != nil {
		return err
	}
	if err := w.settings.Finish(ctx, s.token, admin, wanted, bodies); err != nil {
		return err
	}
	page := w.private(rw, l, "/desk", w.bundle.Printer(l).T("setup.done.title"))
	return w.answer(rw, l, http.StatusOK, "setup_done", setupDone{Page: page, Email: s.answers["email"], Login: "/" + string(l) + "/desk/login/" + token})
}

// loginAddress makes the whole address of a login link.
func (w *Web) loginAddress(l petition.Lang) func(token string) string {
	return func(token string) string { return w.url + "/" + string(l) + "/desk/login/" + token }
}
