package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// deskDemandsData is the form that enters a demand which came by another way
// than a complaint.
type deskDemandsData struct {
	Page
	Faults []fault
	Fields []field
	Done   bool // one was entered a moment ago
}

func (w *Web) getDeskDemands(l petition.Lang) httpd.Handler {
	return w.forStaff(l, staff.Moderate, func(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request) error {
		return w.showDeskDemands(rw, l, who, url.Values{"on": {w.law.Today(w.now()).String()}}, nil, r.URL.Query().Get("done") == "yes")
	})
}

func (w *Web) showDeskDemands(rw http.ResponseWriter, l petition.Lang, who store.Staff, form url.Values, errs petition.FieldErrors, done bool) error {
	pr := w.bundle.Printer(l)
	d := deskDemandsData{Page: w.deskPage(rw, l, who, "/desk/demands", pr.T("desk.demands.title")), Faults: w.summary(l, errs), Done: done}
	d.Invalid = len(errs) > 0
	f := demandFields(pr, form, d.Faults)
	on, number, publish := f("on", "demands.on", 0), f("petition", "complain.petition", 0), f("publish_on", "desk.demands.publish", 0)
	on.Hint, number.Hint, publish.Hint = pr.T("desk.demands.on.hint"), pr.T("desk.demands.petition.hint"), pr.T("desk.demands.publish.hint")
	delay := f("delay_ground", "demands.delay", 0)
	number.Optional, publish.Optional, delay.Optional = true, true, true
	d.Fields = []field{f("authority", "desk.demands.authority", 0), on, number, f("ground", "demands.ground", 0), f("asked", "demands.asked", 4),
		f("done", "demands.done", 4), f("reason", "demands.reason", 4), publish, delay}
	d.Faults = labelled(items(d.Fields), d.Faults)
	status := http.StatusOK
	if d.Invalid {
		status = http.StatusUnprocessableEntity
	}
	return w.answer(rw, l, status, "desk_demands", d)
}

// postDeskDemand enters a demand, once the officer has read what will be
// public; fields authority, on, petition, ground,
// asked, done, reason, publish_on, delay_ground.
func (w *Web) postDeskDemand(l petition.Lang) httpd.Handler {
	return w.forStaff(l, staff.Moderate, func(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request) error {
		form, err := httpd.ParseForm(r)
		if err != nil {
			return err
		}
		d, errs := readDemand(form)
		if len(errs) == 0 {
			err = w.complaints.Judge(r.Context(), who, d)
		}
		if len(errs) == 0 && err == nil {
			p := w.deskPage(rw, l, who, "/desk/demands", "")
			if yes, err := w.asked(rw, r, p, form, w.demandQuestion(l, form, d)); !yes {
				return err
			}
			err = w.complaints.Enter(r.Context(), who, d)
		}
		if errors.As(err, &errs); len(errs) > 0 {
			return w.showDeskDemands(rw, l, who, form, errs, false)
		}
		if err != nil {
			return err
		}
		return seeOther(rw, "/"+string(l)+"/desk/demands?done=yes")
	})
}

// readDemand reads the fields of a demand. A day that is none is a fault.
func readDemand(form url.Values) (petition.Demand, petition.FieldErrors) {
	d := petition.Demand{Authority: form.Get("authority"), Ground: form.Get("ground"), Asked: form.Get("asked"), Done: form.Get("done"),
		Reason: form.Get("reason"), DelayGround: form.Get("delay_ground")}
	var errs petition.FieldErrors
	if n := form.Get("petition"); n != "" {
		number, err := strconv.ParseInt(n, 10, 64)
		if err != nil || number < 1 {
			errs = append(errs, petition.FieldError{Field: "petition", Key: "unknown"})
		}
		d.Number = number
	}
	for _, day := range []struct {
		name string
		to   *petition.Date
	}{{"on", &d.On}, {"publish_on", &d.PublishOn}} {
		if day.to.UnmarshalText([]byte(form.Get(day.name))) != nil {
			errs = append(errs, petition.FieldError{Field: day.name, Key: "unknown"})
		}
	}
	return d, errs
}
