package api

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/register"
)

// schema is what OpenAPI tells of a value.
type schema struct {
	Ref        string             `json:"$ref"`
	Properties map[string]*schema `json:"properties"`
	Required   []string           `json:"required"`
	Items      *schema            `json:"items"`
	Additional json.RawMessage    `json:"additionalProperties"`
}

// openAPI is the part of the document that says what is answered.
type openAPI struct {
	Paths map[string]struct {
		Get struct {
			Responses map[string]struct {
				Content map[string]struct {
					Schema *schema `json:"schema"`
				} `json:"content"`
			} `json:"responses"`
		} `json:"get"`
	} `json:"paths"`
	Components struct {
		Schemas map[string]*schema `json:"schemas"`
	} `json:"components"`
}

// untold adds to found what v has and s does not tell, and what s promises and
// v has not.
func (d *openAPI) untold(s *schema, v any, path string, found *[]string) {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		s = d.Components.Schemas[name]
	}
	switch v := v.(type) {
	case []any:
		for i, item := range v {
			d.untold(s.Items, item, fmt.Sprintf("%s[%d]", path, i), found)
		}
	case map[string]any:
		var rest schema
		open := len(s.Additional) > 0 && json.Unmarshal(s.Additional, &rest) == nil // or it is true or false
		for key, value := range v {
			switch of := s.Properties[key]; {
			case of != nil:
				d.untold(of, value, path+"."+key, found)
			case open:
				d.untold(&rest, value, path+"."+key, found)
			case key != "$schema":
				*found = append(*found, path+"."+key+" is not told")
			}
		}
		for _, key := range s.Required {
			if _, has := v[key]; !has {
				*found = append(*found, path+"."+key+" is promised")
			}
		}
	}
}

// Who makes a client of the document must find every field in it.
func TestOpenAPITellsEveryField(t *testing.T) {
	w := newWorld(t)
	p := w.made(t, "kz-civic", func(*petition.Petition) {}, map[string]int{"KZ-75": 600, "KZ-10": 12})
	w.made(t, "kz-civic", func(p *petition.Petition) { p.State = petition.Withdrawn }, map[string]int{"KZ-75": 30})
	_, err := w.st.SaveBodies(t.Context(), 0, []register.Body{{ID: "akimat-vydumka", Kind: "akimat", Names: map[string]string{"ru": "Акимат Выдумки"},
		Place: "KZ-75", Email: "office@body.example", From: petition.Date{Year: 2020, Month: 1, Day: 1}}}, w.now)
	check(t, err)
	check(t, w.st.AddDemand(t.Context(), petition.Demand{Authority: "Invented office", On: petition.Date{Year: 2026, Month: 11, Day: 20}, Ground: "a law",
		Asked: "take it down", Done: "nothing", Reason: "no court", Officer: 3}))
	check(t, w.st.ShowPlaces(t.Context(), time.Time{}))

	var d openAPI
	check(t, json.Unmarshal(w.get(t, "/api/v1/openapi.json").Body.Bytes(), &d))
	fill := strings.NewReplacer("{number}", fmt.Sprint(p.Number), "{id}", "akimat-vydumka", "{code}", "KZ-75")
	for path, op := range d.Paths {
		answer := op.Get.Responses["200"].Content["application/json"].Schema
		if answer == nil {
			t.Errorf("%s: what it answers is not told", path)
			continue
		}
		var found []string
		d.untold(answer, w.value(t, fill.Replace(path)), path, &found)
		slices.Sort(found)
		for _, f := range found {
			t.Error(f)
		}
	}
}
