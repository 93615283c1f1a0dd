package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/dauys/dauys/internal/complaints"
	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// complaintsData is the queue of complaints.
type complaintsData struct {
	Page
	Rows  []complaintRow
	Pager pager
	Done  bool // one was decided a moment ago
}

// complaintRow is a complaint that waits.
type complaintRow struct {
	URL, Ref, What, By string
	Lang               petition.Lang
	Since, Deadline    petition.Date
	Left               tag
}

// getDeskComplaints is the queue, the nearest deadline first.
func (w *Web) getDeskComplaints(l petition.Lang) httpd.Handler {
	return w.forStaff(l, staff.ReadDesk, func(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request) error {
		page, err := pageOf(r)
		if err != nil {
			return err
		}
		list, total, err := w.complaints.Queue(r.Context(), (page-1)*openPage, openPage)
		if err != nil {
			return err
		}
		pr := w.bundle.Printer(l)
		d := complaintsData{Page: w.deskPage(rw, l, who, "/desk/complaints", pr.T("desk.complaints.title")),
			Pager: pages(l, "/desk/complaints", page, total), Done: r.URL.Query().Get("done") == "yes"}
		for _, c := range list {
			d.Rows = append(d.Rows, complaintRow{URL: complaintURL(l, c.ID), Ref: c.Ref, What: c.What, Lang: c.Lang,
				By: pr.T("complain.by." + string(c.By)), Since: w.law.Today(c.At), Deadline: lastDay(w.law, c.DecideBy), Left: w.complaintLeft(pr, c)})
		}
		return w.answer(rw, l, http.StatusOK, "desk_complaints", d)
	})
}

func complaintURL(l petition.Lang, id int64) string {
	return "/" + string(l) + "/desk/complaints/" + strconv.FormatInt(id, 10)
}

// complaintLeft says how many working days are left, or over.
func (w *Web) complaintLeft(pr *i18n.Printer, c petition.Complaint) tag {
	return w.timeLeft(pr, w.law, petition.Petition{DecideBy: c.DecideBy})
}

// complaintData is one complaint as an officer sees it.
type complaintData struct {
	Page
	Action   string
	C        petition.Complaint
	Left     *tag // nil once decided
	Facts    []caseFact
	About    string // path of the petition's page; "" for none
	Faults   []fault
	ReadOnly string // why this officer cannot decide; "" when they can
	Outcome  choice
	Reason   field
	Register *registerForm // for a demand of an authority
}

// registerForm is what the register of demands asks besides the decision.
type registerForm struct {
	Enter              check
	Asked, Done        field
	PublishOn, DelayBy field
}

func (w *Web) loadComplaint(r *http.Request) (petition.Complaint, []petition.OfficerID, error) {
	s := r.PathValue("id")
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil || strconv.FormatInt(id, 10) != s {
		return petition.Complaint{}, nil, httpd.ErrNotFound
	}
	return w.complaints.Case(r.Context(), id)
}

func (w *Web) getDeskComplaint(l petition.Lang) httpd.Handler {
	return w.forStaff(l, staff.ReadDesk, func(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request) error {
		c, deciders, err := w.loadComplaint(r)
		if err != nil {
			return err
		}
		return w.showComplaint(rw, l, who, c, deciders, url.Values{"register": {"yes"}, "asked": {c.What}}, nil)
	})
}

func (w *Web) showComplaint(rw http.ResponseWriter, l petition.Lang, who store.Staff, c petition.Complaint, deciders []petition.OfficerID,
	form url.Values, errs petition.FieldErrors) error {
	pr := w.bundle.Printer(l)
	path := "/desk/complaints/" + strconv.FormatInt(c.ID, 10)
	d := complaintData{Page: w.deskPage(rw, l, who, path, pr.T("desk.complaint.title", "ref", c.Ref)), Action: "/" + string(l) + path,
		C: c, Facts: w.complaintFacts(pr, c), Faults: w.summary(l, errs)}
	d.Invalid = len(errs) > 0
	if c.Number != 0 {
		d.About = "/" + string(l) + petitionPath(c.Number)
	}
	switch {
	case c.State == petition.ComplaintDecided:
		d.ReadOnly = pr.T("desk.complaint.decided") + ": " + pr.T("complaint.outcome."+string(c.Outcome))
	case !staff.Can(who.Role, staff.Moderate):
		d.ReadOnly = pr.T("desk.complaint.readonly")
	case slices.Contains(deciders, petition.OfficerID(who.ID)):
		d.ReadOnly = pr.T("desk.complaint.own")
	}
	if c.State == petition.ComplaintReceived {
		left := w.complaintLeft(pr, c)
		d.Left = &left
	}
	d.Outcome = choice{Name: "outcome", Label: pr.T("desk.complaint.outcome"), Error: faultOf(d.Faults, "outcome")}
	for _, o := range petition.ComplaintOutcomes() {
		d.Outcome.Options = append(d.Outcome.Options, option{Value: string(o), Label: pr.T("complaint.outcome." + string(o)), Selected: form.Get("outcome") == string(o)})
	}
	d.Reason = field{Name: "reason", Label: pr.T("desk.complaint.reason"), Hint: pr.T("desk.complaint.reason.hint"), Rows: 8,
		Max: petition.MaxComplaintWhy, Value: form.Get("reason"), Error: faultOf(d.Faults, "reason")}
	if c.By == petition.ByAuthority {
		d.Register = makeRegisterForm(pr, form, d.Faults)
		d.Faults = labelled([]formItem{{Field: &d.Register.Asked}, {Field: &d.Register.Done}, {Field: &d.Register.PublishOn}, {Field: &d.Register.DelayBy}}, d.Faults)
	}
	d.Faults = labelled([]formItem{{Field: &d.Reason}}, d.Faults)
	status := http.StatusOK
	if d.Invalid {
		status = http.StatusUnprocessableEntity
	}
	return w.answer(rw, l, status, "desk_complaint", d)
}

func (w *Web) complaintFacts(pr *i18n.Printer, c petition.Complaint) []caseFact {
	by := pr.T("complain.by." + string(c.By))
	if c.Name != "" {
		by = c.Name + " (" + by + ")"
	}
	contact := pr.T("desk.complaint.contact.no")
	if c.Contact {
		contact = pr.T("desk.complaint.contact.yes")
	}
	ground := pr.T("complain.ground." + string(c.Ground))
	if c.Article != "" {
		ground += " · " + c.Article
	}
	return []caseFact{{pr.T("desk.complaint.by"), by}, {pr.T("complain.ground"), ground}, {pr.T("desk.complaint.contact"), contact},
		{pr.T("demands.on"), pr.Date(w.law.Today(c.At))}, {pr.T("desk.queue.deadline"), pr.Date(lastDay(w.law, c.DecideBy))}}
}

func makeRegisterForm(pr *i18n.Printer, form url.Values, faults []fault) *registerForm {
	f := demandFields(pr, form, faults)
	return &registerForm{Asked: f("asked", "demands.asked", 4), Done: f("done", "demands.done", 4),
		Enter: check{Name: "register", Label: pr.T("desk.complaint.register"), Hint: pr.T("desk.complaint.register.hint"), Checked: form.Get("register") == "yes"},
		PublishOn: field{Name: "publish_on", Label: pr.T("desk.demands.publish"), Hint: pr.T("desk.demands.publish.hint"), Optional: true,
			Value: form.Get("publish_on"), Error: faultOf(faults, "publish_on")},
		DelayBy: f("delay_ground", "demands.delay", 0)}
}

// demandFields makes the text fields of a demand.
func demandFields(pr *i18n.Printer, form url.Values, faults []fault) func(name, key string, rows int) field {
	return func(name, key string, rows int) field {
		return field{Name: name, Label: pr.T(key), Rows: rows, Value: form.Get(name), Error: faultOf(faults, name)}
	}
}

// complaintQuestion is asked before a decision on a complaint.
func (w *Web) complaintQuestion(l petition.Lang, c petition.Complaint, v complaints.Verdict) question {
	pr := w.bundle.Printer(l)
	key := "complaint"
	if v.Demand != nil {
		key = "complaint-demand"
	}
	return question{key: key, args: []any{"ref", c.Ref}, says: "public where long final second", seen: string(c.State), back: complaintURL(l, c.ID),
		calm: v.Outcome == petition.ComplaintUpheld, given: []caseFact{{pr.T("desk.complaint.title", "ref", c.Ref), c.What},
			{pr.T("desk.complaint.outcome"), pr.T("complaint.outcome." + string(v.Outcome))}, {pr.T("desk.complaint.reason"), petition.Clean(v.Reason)}}}
}

// postDeskComplaint decides, once it is confirmed; fields outcome, reason, and for an authority
// register, asked, done, publish_on, delay_ground.
func (w *Web) postDeskComplaint(l petition.Lang) httpd.Handler {
	return w.forStaff(l, staff.Moderate, func(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request) error {
		form, err := httpd.ParseForm(r)
		if err != nil {
			return err
		}
		c, deciders, err := w.loadComplaint(r)
		if err != nil {
			return err
		}
		v := complaints.Verdict{Outcome: petition.ComplaintOutcome(form.Get("outcome")), Reason: form.Get("reason")}
		var errs petition.FieldErrors
		if c.By == petition.ByAuthority && form.Get("register") == "yes" {
			d, faults := readDemand(form)
			v.Demand, errs = &d, faults
		}
		if len(errs) == 0 {
			err = w.complaints.Rehearse(who, c, deciders, v)
		}
		if len(errs) == 0 && err == nil {
			p := w.deskPage(rw, l, who, "/desk/complaints/"+r.PathValue("id"), "")
			if yes, err := w.asked(rw, r, p, form, w.complaintQuestion(l, c, v)); !yes {
				return err
			}
			err = w.complaints.Decide(r.Context(), who, c.ID, v)
		}
		if errors.As(err, &errs); len(errs) > 0 {
			return w.showComplaint(rw, l, who, c, deciders, form, errs)
		}
		if err != nil {
			return err
		}
		return seeOther(rw, "/"+string(l)+"/desk/complaints?done=yes")
	})
}
