package petition

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"golang.org/x/text/unicode/norm"
)

// Clean brings a text of a form to the shape in which it is kept and counted:
// NFC, LF line ends, no trailing blanks, no soft hyphens (they come with what is
// pasted, and are no part of a word). It does not judge.
func Clean(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(s, "\u00ad", ""), "\r\n", "\n"), "\r", "\n")
	return strings.TrimSpace(norm.NFC.String(s))
}

// CheckTexts judges the texts of a petition written in lang: that language
// must have a title and an ask, every language present must be one of the
// profile's, and each text must keep the profile's limits, counted in
// grapheme clusters. The field names are those of the start form.
func (l *Profile) CheckTexts(texts Texts, lang Lang) FieldErrors {
	var errs FieldErrors
	for _, tl := range l.Languages {
		t, ok := texts[tl.Lang]
		if !ok && tl.Lang != lang {
			continue
		}
		suffix := ""
		if tl.Lang != lang {
			suffix = "." + string(tl.Lang)
		}
		errs = append(errs, checkLine("title"+suffix, t.Title, l.Text.Title, true)...)
		errs = append(errs, CheckText("ask"+suffix, t.Ask, l.Text.Ask, true)...)
		errs = append(errs, CheckText("details"+suffix, t.Details, l.Text.Details, false)...)
		errs = append(errs, l.Text.check(suffix, t)...)
	}
	if !l.writes(lang) {
		errs = append(errs, FieldError{Field: "lang", Key: "unknown"})
	}
	for _, other := range slices.Sorted(maps.Keys(texts)) { // sorted: the same form, the same answer
		if other != lang && !l.writes(other) {
			errs = append(errs, FieldError{Field: "title." + string(other), Key: "unknown"})
		}
	}
	return errs
}

func (l *Profile) writes(lang Lang) bool {
	for _, tl := range l.Languages {
		if tl.Lang == lang {
			return true
		}
	}
	return false
}

// Missing lists the languages the profile asks for in which there is no text.
// Pages mark them: no petition is visible in one language only without the mark.
func (l *Profile) Missing(texts Texts) []Lang {
	var missing []Lang
	for _, tl := range l.Languages {
		if _, ok := texts[tl.Lang]; tl.Required && !ok {
			missing = append(missing, tl.Lang)
		}
	}
	return missing
}

func checkLine(field, s string, limit int, required bool) FieldErrors {
	if strings.ContainsRune(s, '\n') {
		return FieldErrors{{Field: field, Key: "one_line"}}
	}
	if strings.ContainsFunc(s, mark) {
		return FieldErrors{{Field: field, Key: "control"}}
	}
	return CheckText(field, s, limit, required)
}

// maxRunes is how many code points one character may have on average: the
// longest emoji have ten, and a pile of accents would break every page.
const maxRunes = 10

// CheckText judges one text of a form; limit is in grapheme clusters, 0 for none.
func CheckText(field, s string, limit int, required bool) FieldErrors {
	switch {
	case !utf8.ValidString(s):
		return FieldErrors{{Field: field, Key: "utf8"}}
	case strings.ContainsFunc(s, forbidden) || misplaced(s):
		return FieldErrors{{Field: field, Key: "control"}}
	case required && !strings.ContainsFunc(s, visible):
		return FieldErrors{{Field: field, Key: "required"}}
	case limit > 0 && (uniseg.GraphemeClusterCount(s) > limit || utf8.RuneCountInString(s) > limit*maxRunes):
		return FieldErrors{{Field: field, Key: "too_long", Args: map[string]any{"max": limit, "n": uniseg.GraphemeClusterCount(s)}}}
	}
	return nil
}

// CheckName judges the name shown of a petitioner.
func CheckName(field, name string) FieldErrors { return checkLine(field, name, 120, true) }

// wordRune tells what makes a word of a run of characters.
func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }
