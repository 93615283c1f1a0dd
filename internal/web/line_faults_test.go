package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/place"
	"github.com/dauys/dauys/register"
)

// A fault that lacks a sentence in a language, or a sentence that keeps back
// what the fault was found on, fails here.
func TestEveryLineFaultHasWordsInEveryLanguage(t *testing.T) {
	bundle, err := i18n.New()
	must(t, err)
	keys := map[string]bool{}
	for _, f := range place.Faults() {
		if f.Key() == "" || keys[f.Key()] {
			t.Errorf("fault %d has no key of its own: %q", f, f.Key())
		}
		keys[f.Key()] = true
		var values []any
		for i := range f.Names() {
			values = append(values, fmt.Sprintf("<value %d>", i))
		}
		reason := f.On(values...)
		for _, l := range i18n.Langs() {
			said := lineFaults(bundle.Printer(l), []register.Problem{{Line: 7, Reason: reason}})[0]
			if said.Line != 7 || strings.Contains(said.Text, "⟦") || said.Text == reason.English() {
				t.Errorf("%s, %s: %+v", l, f.Key(), said)
			}
			if f == place.ReadFailed {
				continue // the cause is in the language of the machine
			}
			for _, v := range values {
				if !strings.Contains(said.Text, v.(string)) {
					t.Errorf("%s, %s: %q does not tell %v", l, f.Key(), said.Text, v)
				}
			}
		}
	}
}

// The wizard and the desk say a fault in the language of the page, with its
// line; a form of one body has no lines.
func TestLineFaultsSpeakTheLanguageOfThePage(t *testing.T) {
	s := settingsSite(t, nil)
	token, err := s.web.settings.NewLink(t.Context())
	must(t, err)
	admin := s.login("admin@desk.example", store.Admin)
	form := url.Values{"step": {"bodies"}, "csv": {"id,kind,name.en\nok,council,Some council\nBAD,council,Other council\n"}}
	places := url.Values{"places": {"csv"}, "csv": {"code,kind,name.en\nok,region,R\n"}}
	one := url.Values{"body.id": {"some-council"}, "body.kind": {"council"}, "body.name.kk": {"Кеңес"}, "body.name.ru": {"Совет"}, "body.name.en": {"Council"},
		"body.from": {"2026-02-01"}, "body.to": {"2026-01-01"}}
	for l, words := range map[petition.Lang][3]string{
		"kk": {"3-жол: «BAD» идентификатор бола алмайды", "2-жол: «ok» жердің коды емес", "Соңғы күн бірінші күннен ерте"},
		"ru": {"Строка 3: «BAD» не может быть идентификатором", "Строка 2: «ok» — не код места", "Последний день раньше первого"},
		"en": {"Line 3: “BAD” cannot be an id", "Line 2: “ok” is no code of a place", "The last day is before the first one"},
	} {
		at := "/" + string(l)
		for _, c := range []struct {
			path, cookie, want string
			form               url.Values
		}{
			{at + "/setup/" + token, "", words[0], form},
			{at + "/desk/settings/bodies", admin, words[0], form},
			{at + "/desk/settings/places", admin, words[1], places},
			{at + "/desk/settings/body", admin, "<li>" + words[2], one},
		} {
			w := s.send(c.path, c.form, c.cookie)
			status(t, w, http.StatusUnprocessableEntity)
			dom(t, w)
			if body := w.Body.String(); !strings.Contains(body, c.want) || strings.Contains(body, "want small letters") {
				t.Errorf("%s does not say %q", c.path, c.want)
			}
		}
	}
}
