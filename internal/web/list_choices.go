package web

import (
	"bytes"
	"context"
	"html/template"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/place"
)

// offers keeps what the filters of a list offer, by language: every page of a
// list has the same, and putting it together takes as long as ten petitions.
type offers struct {
	mu sync.Mutex // guards of
	of map[petition.Lang]offer
}

// offer is of one generation of what the public sees, and of one day.
type offer struct {
	generation int64
	day        petition.Date
	choices    []choice // read only, as what follows
	fields     []template.HTML
}

// moreChoices are the filters few people need, with what f chose of them, and
// their fields. One without answers is left out.
func (w *Web) moreChoices(ctx context.Context, l petition.Lang, f filters) ([]choice, []template.HTML, error) {
	gen, day := w.store.Generation(), w.law.Today(w.now())
	w.offers.mu.Lock()
	o, ok := w.offers.of[l]
	w.offers.mu.Unlock()
	if !ok || o.generation != gen || o.day != day {
		choices, err := w.offer(ctx, l)
		if err != nil {
			return nil, nil, err
		}
		o = offer{generation: gen, day: day, choices: choices}
		for _, c := range choices {
			field, err := w.part(l, "select", c)
			if err != nil {
				return nil, nil, err
			}
			o.fields = append(o.fields, field)
		}
		w.offers.mu.Lock()
		w.offers.of[l] = o
		w.offers.mu.Unlock()
	}
	more, fields := slices.Clone(o.choices), slices.Clone(o.fields)
	for i, c := range more {
		chosen := slices.IndexFunc(c.Options, func(o option) bool { return o.Value == f.Get(c.Name) })
		if chosen >= 0 {
			more[i].Options = slices.Clone(c.Options)
			more[i].Options[chosen].Selected = true
			field, err := w.part(l, "select", more[i])
			if err != nil {
				return nil, nil, err
			}
			fields[i] = field
		}
	}
	return more, fields, nil
}

// offer puts the filters together, with nothing chosen.
func (w *Web) offer(ctx context.Context, l petition.Lang) ([]choice, error) {
	pr := w.bundle.Printer(l)
	any := pr.T("web.list.any")
	stage := choice{Name: "stage", Label: pr.T("web.list.stage"), None: any}
	for _, s := range w.law.Stages {
		stage.Options = append(stage.Options, option{Value: s.ID, Label: inLang(s.Name, l)})
	}
	bodies, err := w.listBodies(ctx)
	if err != nil {
		return nil, err
	}
	body := choice{Name: "body", Label: pr.T("web.list.body"), None: any}
	for _, b := range bodies {
		body.Options = append(body.Options, option{Value: b.ID, Label: b.Name(string(l))})
	}
	topics, err := w.store.Topics(ctx)
	if err != nil {
		return nil, err
	}
	topic := choice{Name: "topic", Label: pr.T("web.list.topic"), None: any}
	for _, code := range slices.Sorted(maps.Keys(topics)) {
		topic.Options = append(topic.Options, option{Value: code, Label: topicName(pr, code)})
	}
	slices.SortStableFunc(topic.Options, func(a, b option) int { return pr.Compare(a.Label, b.Label) })
	where := choice{Name: "place", Label: pr.T("web.list.place"), None: any, Options: w.placeOptions(l, w.law, "", place.Region)}
	in := choice{Name: "lang", Label: pr.T("web.list.lang"), None: any}
	for _, x := range i18n.Langs() {
		in.Options = append(in.Options, option{Value: string(x), Label: pr.T("lang." + string(x))})
	}
	return slices.DeleteFunc([]choice{stage, body, where, topic, in}, func(c choice) bool { return len(c.Options) == 0 }), nil
}

// field is a filter of fixed answers as it stands in the form: kept, for it says
// the same whenever the same is chosen.
func (w *Web) field(l petition.Lang, c choice) (template.HTML, error) {
	key := []string{"filter", string(l), c.Name, c.None}
	for _, o := range c.Options {
		if o.Selected {
			key = append(key, o.Value)
		}
	}
	field, err := w.same.page("", strings.Join(key, " "), func(_ string, buf *bytes.Buffer) error {
		return w.templates[l].root.ExecuteTemplate(buf, "select", c)
	})
	return template.HTML(field), err //nolint:gosec // our own template, escaped by itself
}
