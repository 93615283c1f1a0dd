package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/moderation"
	"github.com/dauys/dauys/petition"
)

// What an officer publishes beside a decision is asked first, too: an answer, a
// delivery, a demand and an organisation's word are public at once, letters
// follow, and nothing of it is edited afterwards. Documents are attached on the
// page that asks, where they are sent once and together with the yes.

// documentsFor is the field for documents of the page that asks.
func (w *Web) documentsFor(pr *i18n.Printer, key string) *documentField {
	return &documentField{Name: "file", Label: pr.T(key), Hint: pr.T("desk.file.hint")}
}

// fileFault says what is wrong with the documents; "" when something else is,
// or nothing.
func (w *Web) fileFault(l petition.Lang, err error) string {
	faults, ok := errors.AsType[petition.FieldErrors](err)
	if !ok || len(faults) == 0 || faults[0].Field != "file" {
		return ""
	}
	return w.summary(l, faults)[0].Text
}

// askedWith is asked of an act that takes documents: those that came without
// the yes are asked for again, since a page cannot hand them on.
func (w *Web) askedWith(rw http.ResponseWriter, r *http.Request, p Page, form url.Values, q question, docs []moderation.Document) (bool, error) {
	if len(docs) > 0 && form.Get("confirm") != "yes" {
		q.file.Error = w.bundle.Printer(p.Lang).T("desk.file.again")
	}
	return w.asked(rw, r, p, form, q)
}

// publish does an act that takes documents once it was asked about. answered:
// the page that asks was, for the yes or for other documents.
func (w *Web) publish(rw http.ResponseWriter, r *http.Request, p Page, form url.Values, q question, docs []moderation.Document, act func() error) (answered bool, err error) {
	if yes, err := w.askedWith(rw, r, p, form, q, docs); !yes {
		return true, err
	}
	err = act()
	if q.file.Error = w.fileFault(p.Lang, err); q.file.Error != "" {
		return true, w.ask(rw, r, p, form, q, http.StatusUnprocessableEntity, false)
	}
	return false, err
}

// publishedBy is the question about an act on a case, with what was typed.
func (w *Web) publishedBy(l petition.Lang, c deskCase, key string, given ...caseFact) question {
	q := w.caseQuestion(l, c, key, "public where long final")
	q.calm = true
	for _, f := range given {
		if strings.TrimSpace(f.Value) != "" {
			q.given = append(q.given, f)
		}
	}
	return q
}

func (w *Web) answerQuestion(l petition.Lang, c deskCase, reply moderation.Reply) question {
	pr := w.bundle.Printer(l)
	given := []caseFact{{pr.T("desk.answer.outcome"), pr.T("outcome." + reply.Outcome)}}
	for _, tl := range c.law.Languages {
		given = append(given, caseFact{pr.T("desk.answer.text", "language", pr.T("lang."+string(tl.Lang))), reply.Texts[tl.Lang].Details})
	}
	given = append(given, caseFact{pr.T("desk.answer.source"), reply.Source})
	if !reply.Received.IsZero() {
		given = append(given, caseFact{pr.T("desk.answer.received"), pr.Date(reply.Received)})
	}
	q := w.publishedBy(l, c, "answer", given...)
	q.file = w.documentsFor(pr, "desk.answer.file")
	return q
}

// rehearseAnswer is the law's word on an answer before it is asked about.
func (w *Web) rehearseAnswer(c deskCase, reply moderation.Reply) error {
	_, err := c.law.Respond(c.p, petition.Answer{Outcome: reply.Outcome, Texts: reply.Texts, Source: petition.Clean(reply.Source), Received: reply.Received}, w.now())
	return err
}

func (w *Web) deliveryQuestion(l petition.Lang, c deskCase, h moderation.Handing) question {
	pr := w.bundle.Printer(l)
	stage, _ := c.law.Stage(h.Stage)
	given := []caseFact{{pr.T("desk.delivery.stage"), inLang(stage.Name, l)}, {pr.T("desk.delivery.on"), pr.Date(h.On)},
		{pr.T("desk.delivery.channel"), pr.T("channel." + string(h.Channel))}, {pr.T("desk.delivery.ref"), petition.Clean(h.Ref)}}
	if !stage.Term.IsZero() {
		given = append(given, caseFact{pr.T("desk.case.answer-by"), pr.Date(stage.Term.LastDay(h.On, &c.law.Calendar))})
	}
	q := w.publishedBy(l, c, "delivery", given...)
	q.file = w.documentsFor(pr, "desk.delivery.file")
	return q
}

func (w *Web) rehearseDelivery(c deskCase, h moderation.Handing) error {
	_, err := c.law.Deliver(c.p, petition.Delivery{Stage: h.Stage, On: h.On, Channel: h.Channel, Ref: petition.Clean(h.Ref)}, w.now())
	return err
}

// demandQuestion is asked before a demand of an authority is entered.
func (w *Web) demandQuestion(l petition.Lang, form url.Values, d petition.Demand) question {
	pr := w.bundle.Printer(l)
	q := question{key: "demand", says: "public where long final", back: "/" + string(l) + "/desk/demands", calm: true,
		seen: w.law.Today(w.now()).String()} // on which it depends whether it is public at once
	if !d.PublishOn.IsZero() && w.law.Today(w.now()).Before(d.PublishOn) {
		q.public = pr.T("confirm.demand.later", "date", d.PublishOn)
	}
	for _, f := range []struct{ name, key string }{{"authority", "desk.demands.authority"}, {"on", "demands.on"}, {"petition", "complain.petition"},
		{"ground", "demands.ground"}, {"asked", "demands.asked"}, {"done", "demands.done"}, {"reason", "demands.reason"},
		{"publish_on", "desk.demands.publish"}, {"delay_ground", "demands.delay"}} {
		v := petition.Clean(form.Get(f.name))
		switch day := map[string]petition.Date{"on": d.On, "publish_on": d.PublishOn}[f.name]; {
		case !day.IsZero():
			v = pr.Date(day)
		case f.name == "petition" && v != "":
			v = "№ " + v
		}
		if v != "" {
			q.given = append(q.given, caseFact{pr.T(f.key), v})
		}
	}
	return q
}

// orgQuestion is asked before an officer says for an organisation that a
// petition is its own.
func (w *Web) orgQuestion(l petition.Lang, c deskCase, source string) question {
	pr := w.bundle.Printer(l)
	return w.publishedBy(l, c, "org-register", caseFact{pr.T("desk.case.org"), c.p.Creator.Org}, caseFact{pr.T("desk.org.register"), petition.Clean(source)})
}

// typed is what somebody wrote in a form that the page does not show any more:
// it was not saved, and is not lost.
func (d *caseData) typed(pr *i18n.Printer, c deskCase, form url.Values) []caseFact {
	var list []caseFact
	add := func(shown bool, name, label string) {
		if v := strings.TrimSpace(form.Get(name)); v != "" && !shown {
			list = append(list, caseFact{label, v})
		}
	}
	if code := form.Get("reason"); code != "" && d.Decision == nil {
		list = append(list, caseFact{pr.T("desk.decide.reason"), decisionWords(pr, c.law, code, "").Reason})
	}
	add(d.Decision != nil, "note", pr.T("desk.decide.note"))
	for _, tl := range c.law.Languages {
		add(d.Answer != nil, inLanguage("answer", tl.Lang), pr.T("desk.answer.text", "language", pr.T("lang."+string(tl.Lang))))
	}
	add(d.Answer != nil, "source", pr.T("desk.answer.source"))
	add(d.Delivery != nil && d.Delivery.Form != nil, "ref", pr.T("desk.delivery.ref"))
	add(d.TakeDown != nil && len(d.TakeDown.Reasons) > 0, "hide_note", pr.T("desk.decide.note"))
	add(d.More != nil && d.More.News != nil && d.More.News.Decide, "news_note", pr.T("desk.decide.note"))
	add(d.Work != nil && d.Work.Writes, "remark", pr.T("desk.notes.label"))
	return list
}
