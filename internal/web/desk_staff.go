package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/register"
)

// person is an account with the form that changes it.
type person struct {
	ID                     int64
	Address, Words, Action string
	Role, Body             choice
	Disabled               check
}

// staffData is the list of accounts.
type staffData struct {
	Page
	Faults []fault
	Link   string // login link of the account just made; shown once
	Done   string
	People []person
	Items  []formItem
}

func (w *Web) deskStaff(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request) error {
	d := staffData{}
	if r.URL.RawQuery == "done=yes" {
		d.Done = w.bundle.Printer(l).T("settings.done")
	}
	return w.showStaff(who, l, rw, r, url.Values{}, nil, d)
}

func (w *Web) showStaff(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request, form url.Values, errs petition.FieldErrors, d staffData) error {
	accounts, err := w.staff.Accounts(r.Context())
	if err != nil {
		return err
	}
	bodies, err := w.settings.Bodies(r.Context())
	if err != nil {
		return err
	}
	pr := w.bundle.Printer(l)
	d.Page = w.deskPage(rw, l, who, "/desk/settings/staff", pr.T("settings.staff.title"))
	d.Faults = w.summary(l, errs)
	for _, a := range accounts {
		words := pr.T("desk.role." + string(a.Role))
		if a.Disabled {
			words = pr.T("settings.staff.disabled")
		}
		id := strconv.FormatInt(a.ID, 10)
		d.People = append(d.People, person{ID: a.ID, Address: a.Address, Words: words, Action: "/" + string(l) + "/desk/settings/staff/" + id,
			Role: w.roleChoice(l, "role."+id, string(a.Role), faultOf(d.Faults, "role."+id)), Body: w.bodyChoice(l, "body."+id, bodies, a.Body, faultOf(d.Faults, "body."+id)),
			Disabled: check{Name: "disabled." + id, Label: pr.T("settings.staff.disable"), Checked: a.Disabled}})
		for i, f := range d.Faults { // many have such a field
			if f.Field == fieldID("role."+id) || f.Field == fieldID("body."+id) {
				d.Faults[i].Text = a.Address + ": " + f.Text
			}
		}
	}
	role, body := w.roleChoice(l, "role", form.Get("role"), faultOf(d.Faults, "role")), w.bodyChoice(l, "body", bodies, form.Get("body"), faultOf(d.Faults, "body"))
	d.Items = []formItem{
		{Field: &field{Name: "email", Type: "email", Label: pr.T("settings.staff.email"), Value: form.Get("email"), Error: faultOf(d.Faults, "email")}},
		{Select: &role}, {Select: &body},
	}
	status := http.StatusOK
	if d.Page.Invalid = len(errs) > 0; d.Page.Invalid {
		status = http.StatusUnprocessableEntity
	}
	return w.answer(rw, l, status, "settings_staff", d)
}

func (w *Web) roleChoice(l petition.Lang, name, chosen, fault string) choice {
	pr := w.bundle.Printer(l)
	c := choice{Name: name, Label: pr.T("settings.staff.role"), Error: fault}
	for _, r := range []store.Role{store.Moderator, store.Officer, store.Auditor, store.Admin} {
		c.Options = append(c.Options, option{Value: string(r), Label: pr.T("desk.role." + string(r)), Selected: string(r) == chosen})
	}
	return c
}

func (w *Web) bodyChoice(l petition.Lang, name string, bodies []register.Body, chosen, fault string) choice {
	pr := w.bundle.Printer(l)
	c := choice{Name: name, Label: pr.T("settings.staff.body"), Hint: pr.T("settings.staff.body.hint"), None: pr.T("settings.staff.body.none"), Optional: true, Error: fault}
	for _, b := range bodies {
		c.Options = append(c.Options, option{Value: b.ID, Label: b.Name(string(l)), Selected: b.ID == chosen})
	}
	return c
}

// deskAppoint makes an account. Its login link is shown once and mailed.
func (w *Web) deskAppoint(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request) error {
	form, err := httpd.ParseForm(r)
	if err != nil {
		return err
	}
	a, token, err := w.staff.Appointment(form.Get("email"), store.Role(form.Get("role")), form.Get("body"), l, w.loginAddress(l))
	if err == nil && a.Body != "" {
		err = w.bodyExists(r, a.Body)
	}
	if err == nil {
		err = w.staff.Appoint(r.Context(), who.ID, a)
	}
	errs, err := asFaults(err)
	if err != nil {
		return err
	}
	if len(errs) > 0 {
		return w.showStaff(who, l, rw, r, form, errs, staffData{})
	}
	return w.showStaff(who, l, rw, r, url.Values{}, nil, staffData{Link: w.loginAddress(l)(token)})
}

func (w *Web) bodyExists(r *http.Request, id string) error {
	_, err := w.store.Body(r.Context(), id)
	if errors.Is(err, store.ErrNotFound) {
		return petition.FieldErrors{{Field: "body", Key: "unknown"}}
	}
	return err
}

// staffAsked asks before an account gets another role or is disabled. Where
// nothing would change nothing is asked.
func (w *Web) staffAsked(rw http.ResponseWriter, r *http.Request, l petition.Lang, who store.Staff, id int64, role store.Role, body string, disabled bool, form url.Values) (bool, error) {
	accounts, err := w.staff.Accounts(r.Context())
	if err != nil {
		return false, err
	}
	i := slices.IndexFunc(accounts, func(a staff.Account) bool { return a.ID == id })
	if i < 0 {
		return true, nil // the act finds that there is none
	}
	a, pr := accounts[i], w.bundle.Printer(l)
	said := func(role store.Role, body string, disabled bool) string {
		words := pr.T("desk.role." + string(role))
		if body != "" {
			words += ", " + w.bodyName(r.Context(), l, body)
		}
		if disabled {
			words += " (" + pr.T("settings.staff.disabled") + ")"
		}
		return words
	}
	if a.Role == store.Admin && !a.Disabled && (role != store.Admin || disabled) && admins(accounts) == 1 {
		return true, nil // the act refuses it
	}
	before, after := said(a.Role, a.Body, a.Disabled), said(role, body, disabled)
	if before == after {
		return true, nil
	}
	q := question{key: "staff", says: "public where final", seen: before, back: "/" + string(l) + "/desk/settings/staff",
		changes: []change{{What: "№ " + strconv.FormatInt(id, 10) + " · " + a.Address, Old: before, New: after}}}
	if disabled && !a.Disabled {
		q.key = "staff-disable"
	}
	return w.asked(rw, r, w.deskPage(rw, l, who, "/desk/settings/staff", ""), form, q)
}

// admins are how many accounts can run the site.
func admins(accounts []staff.Account) (n int) {
	for _, a := range accounts {
		if a.Role == store.Admin && !a.Disabled {
			n++
		}
	}
	return n
}

// deskChangeStaff gives an account another role, disables or enables it, once
// that is confirmed.
func (w *Web) deskChangeStaff(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request) error {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return httpd.ErrNotFound
	}
	form, err := httpd.ParseForm(r)
	if err != nil {
		return err
	}
	at := "." + r.PathValue("id")
	body := form.Get("body" + at)
	if body != "" {
		err = w.bodyExists(r, body)
	}
	role, disabled := store.Role(form.Get("role"+at)), form.Get("disabled"+at) == "yes"
	if err == nil {
		err = staff.CheckRole(role, body)
	}
	if err == nil {
		if yes, err := w.staffAsked(rw, r, l, who, id, role, body, disabled, form); !yes {
			return err
		}
		err = w.staff.Change(r.Context(), who.ID, id, role, body, disabled)
	}
	if errors.Is(err, store.ErrConflict) {
		err = petition.FieldErrors{{Field: "role" + at, Key: "last_admin"}}
	}
	errs, err := asFaults(err)
	if err != nil {
		return err
	}
	if len(errs) > 0 {
		for i := range errs {
			if errs[i].Field == "body" || errs[i].Field == "role" {
				errs[i].Field += at
			}
		}
		return w.showStaff(who, l, rw, r, url.Values{}, errs, staffData{})
	}
	return seeOther(rw, "/"+string(l)+"/desk/settings/staff?done=yes")
}
