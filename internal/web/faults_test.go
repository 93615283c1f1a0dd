package web

import (
	"strings"
	"testing"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/petition"
)

// TestFaultsSayWhatToDo looks at the summary of errors of a petitioner's page:
// each line says by itself which field it is about and what is expected there.
func TestFaultsSayWhatToDo(t *testing.T) {
	bundle, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	w := &Web{bundle: bundle}
	errs := petition.FieldErrors{{Field: "title", Key: "required"}, {Field: "ask", Key: "required"}, {Field: "ask.ru", Key: "required"},
		{Field: "details.en", Key: "too_long", Args: map[string]any{"max": 800}}, {Field: "details", Key: "too_long", Args: map[string]any{"max": 800}},
		{Field: "appeal", Key: "required"}, {Field: "news_title", Key: "required"}, {Field: "news_text", Key: "required"},
		{Field: "news_title", Key: "news_week"}, {Field: "merge_number", Key: "merge_number"}, {Field: "display", Key: "unknown"}, {Field: "member", Key: "required"}}
	for _, l := range i18n.Langs() {
		pr := bundle.Printer(l)
		bare := map[string]bool{}
		for _, key := range []string{"required", "unknown", "invalid"} {
			bare[pr.T("error.field."+key)] = true
		}
		seen := map[string]string{}
		items := []formItem{{Field: &field{Name: "details", Label: pr.T("start.field.details")}}, {Field: &field{Name: "details.en", Label: pr.T("start.field.details")}},
			{Field: &field{Name: "ask.ru", Label: pr.T("start.field.ask")}}}
		for i, f := range labelled(items, w.summary(l, errs)) {
			at := string(l) + " " + errs[i].Field
			if bare[f.Text] || strings.Contains(f.Text, "⟦") {
				t.Errorf("%s: %q does not say what to do", at, f.Text)
			}
			if before, twice := seen[f.Text]; twice {
				t.Errorf("%s: %q is what %s says", at, f.Text, before)
			}
			seen[f.Text] = at
			if _, lang, of := strings.Cut(errs[i].Field, "."); of && !strings.Contains(f.Text, pr.T("lang."+lang)) {
				t.Errorf("%s: %q does not say in which language", at, f.Text)
			}
		}
	}
	if text := httpd.FieldText(bundle.Printer(i18n.English), petition.FieldError{Field: "anything", Key: "required"}); text != "Please fill in this field" {
		t.Errorf("a field without words of its own: %q", text)
	}
}
