package pack

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/dauys/dauys/internal/draw"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/profiles"
)

const (
	ask  = "Әкімдіктен көпір салуды сұраймыз: ұзын, кең, ғажап, қауіпсіз, һәм өзенге ың-шыңсыз."
	ruAs = "Просим акимат построить мост."
)

func facts(t testing.TB) (*i18n.Bundle, Facts) {
	t.Helper()
	b, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	laws, err := profiles.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)
	p := petition.Petition{Number: 1000001, State: petition.Open, Lang: "kk", Shown: 10250, Creator: petition.Creator{Name: "Айгүл Үлгіқызы"},
		Texts:  petition.Texts{"kk": {Title: "Көпір салыңыз", Ask: ask}, "ru": {Title: "Постройте мост", Ask: ruAs}},
		Stages: []petition.StageReached{{Stage: "answer", Threshold: 10000, At: now}}}
	return b, Facts{Petition: p, Law: profiles.ByID(laws, "kz-civic"), Body: map[petition.Lang]string{"kk": "Самал әкімдігі", "ru": "Акимат Самала"},
		Operator: "Қоғам", Page: "https://petitions.example/kk/petitions/1000001", Now: now,
		Places: []Place{{Names: map[petition.Lang]string{"kk": "Алматы облысы", "ru": "Алматинская область"}, Count: 9000}, {Count: 50}}}
}

func TestTextSaysEverythingInBothLanguages(t *testing.T) {
	b, f := facts(t)
	text := Text(b, f, []petition.Lang{"kk", "ru"})
	for _, want := range []string{ask, ruAs, "Самал әкімдігі", "Акимат Самала", "Алматинская область: 9", "ұжымдық өтініш", "коллективное обращение",
		"15 рабочих дней", "14\u00a0декабря 2026", "law/kz-civic#stages", "Айгүл Үлгіқызы", "№ 1000001"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q", want)
		}
	}
	if strings.Contains(text, "⟦") {
		t.Errorf("a message is missing:\n%s", text)
	}
}

func TestPDFHoldsTheTextAsText(t *testing.T) {
	b, f := facts(t)
	pdf, err := PDF(b, f, []petition.Lang{"kk", "ru"})
	if err != nil {
		t.Fatal(err)
	}
	again, err := PDF(b, f, []petition.Lang{"kk", "ru"})
	if err != nil || !bytes.Equal(pdf, again) {
		t.Errorf("the same facts make another file, %v", err)
	}
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) || !bytes.Contains(pdf, []byte("/ToUnicode")) || bytes.Count(pdf, []byte("/Type /Page\n")) < 2 || len(pdf) > 300<<10 {
		t.Errorf("%d bytes, %d pages", len(pdf), bytes.Count(pdf, []byte("/Type /Page\n")))
	}
}

func TestTheFontHasTheLettersOfTheLanguages(t *testing.T) {
	b, f := facts(t)
	for _, l := range i18n.Langs() {
		for _, x := range f.lines(b.Printer(l)) {
			for _, r := range x.text {
				latin, cyrillic := r >= ' ' && r <= 'ÿ', r >= 0x400 && r <= 0x4ff
				if !latin && !cyrillic && !strings.ContainsRune("‐‑–—―‘’“”„•…₸№", r) {
					t.Errorf("%s: the font was cut without %q (%U)", l, r, r)
				}
			}
		}
	}
}

// A title with signs that the font has not: the text keeps them, the sheet is
// made without, and says where letters are missing.
func TestSignsBeyondTheFont(t *testing.T) {
	b, f := facts(t)
	const title = "Көпір 🌉 салыңыз 👩‍👩‍👧 𝕏"
	f.Petition.Texts["kk"] = petition.Text{Title: title, Ask: ask}
	if !strings.Contains(Text(b, f, []petition.Lang{"kk"}), title) {
		t.Error("the text lost the signs")
	}
	pdf, err := PDF(b, f, []petition.Lang{"kk"})
	if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF-")) || !bytes.HasSuffix(bytes.TrimSpace(pdf), []byte("%%EOF")) {
		t.Errorf("%d bytes, %v", len(pdf), err)
	}
	font, err := draw.NewFont()
	if err != nil {
		t.Fatal(err)
	}
	if got := drawable(font, title+"\nЕкінші  жол"); got != "Көпір салыңыз …\nЕкінші жол" {
		t.Errorf("on the sheet: %q", got)
	}
}

// FuzzPack: any words of a petition make a whole file, the same one each time,
// and stand in the text as they are.
func FuzzPack(f *testing.F) {
	b, facts := facts(f)
	f.Add("Көпір 🌉 салыңыз", "a\n\nb", "Айгүл")
	f.Add("\\)Tj ET (", strings.Repeat("ң", 800), "\u202e\u0000")
	f.Add("{{.}} %d", "\u0301\u200d", strings.Repeat("W", 200))
	f.Fuzz(func(t *testing.T, title, ask, name string) {
		if !utf8.ValidString(title+ask+name) || len(title+ask+name) > 5000 {
			return // refused or cut where it is written
		}
		facts := facts
		facts.Petition.Texts = petition.Texts{"kk": {Title: title, Ask: ask}}
		facts.Petition.Creator.Name = name
		langs := []petition.Lang{"kk", "en"}
		pdf, err := PDF(b, facts, langs)
		if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF-")) || !bytes.HasSuffix(bytes.TrimSpace(pdf), []byte("%%EOF")) {
			t.Fatalf("%d bytes, %v", len(pdf), err)
		}
		if again, err := PDF(b, facts, langs); err != nil || !bytes.Equal(again, pdf) {
			t.Errorf("the same facts make another file, %v", err)
		}
		if text := Text(b, facts, langs); !strings.Contains(text, title) || !strings.Contains(text, ask) || !strings.Contains(text, name) {
			t.Errorf("%q", text)
		}
	})
}
