package i18n

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	tests := map[string]string{
		"":                    "",
		"Petition 12":         "petition 12",
		"ЁЛКА и ёж":           "елка и еж",
		"Е\u0308лка":          "елка",
		"е\u0323\u0308":       "е\u0323",
		"ӘҒҚҢӨҰҮҺІ":           "әғқңөұүһі",
		"Й, й, И\u0306":       "й, й, й",
		"Ї ї":                 "ї ї",
		"Noël":                "noël",
		"ﬁle ① \u00a0Ⅳ":       "file 1  iv",
		"İ":                   "i\u0307",
		"a\xffb":              "a\ufffdb",
		"е\u0308\u0308\u0308": "е",
	}
	for in, want := range tests {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func checkFold(s string) string {
	once := Fold(s)
	switch {
	case !utf8.ValidString(once):
		return "not UTF-8"
	case Fold(once) != once:
		return "folding again changes it"
	case !norm.NFKC.IsNormalString(once):
		return "not NFKC"
	case strings.ContainsAny(once, "ёЁ"):
		return "has ё"
	case Fold(norm.NFD.String(s)) != once || Fold(norm.NFC.String(s)) != once:
		return "depends on how the text was composed"
	}
	return ""
}

func TestFoldEveryRune(t *testing.T) {
	for r := range unicode.MaxRune + 1 {
		if r > 0x2ffff && !unicode.IsGraphic(r) && !unicode.IsMark(r) {
			continue // nothing is assigned there
		}
		for _, s := range []string{string(r), "е" + string(r) + "\u0308"} {
			if fault := checkFold(s); fault != "" {
				t.Errorf("%U in %q: %s", r, s, fault)
			}
		}
	}
}

func TestFoldProperties(t *testing.T) {
	marks := rapid.StringOf(rapid.RuneFrom([]rune("еЕёЁиІiİ \u0308\u0306\u0301\u0323\u034f\u0345ßẞΣςﬁ가\u11a8")))
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), marks).Draw(t, "s")
		if fault := checkFold(s); fault != "" {
			t.Errorf("%q: %s", s, fault)
		}
		if utf8.ValidString(s) && Fold(strings.ToLower(s)) != Fold(s) && !strings.ContainsAny(s, "İ") {
			t.Errorf("%q and its lower case fold apart", s)
		}
	})
}

// Marks without end: x/text breaks them up with U+034F after thirty, and the
// work must not grow with their square (this would run for minutes).
func TestFoldOfManyMarks(t *testing.T) {
	for _, mark := range []string{"\u0308", "\u0306", "\u0323\u0308\u0301"} {
		for _, n := range []int{29, 30, 31, 61, 1 << 17} {
			if fault := checkFold("е" + strings.Repeat(mark, n)); fault != "" {
				t.Errorf("%d times %q: %s", n, mark, fault)
			}
		}
	}
}
