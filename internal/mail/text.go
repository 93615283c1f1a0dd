package mail

import (
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
)

// subjectTitle is how much of a title a subject holds, in grapheme clusters.
const subjectTitle = 60

// cut shortens a title for a subject, between two characters as a reader sees
// them.
func cut(title string) string {
	n, end, rest, state := 0, 0, title, -1
	for rest != "" {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if n++; n == subjectTitle && rest != "" {
			return strings.TrimRight(title[:end], " ") + "…"
		}
		end += len(cluster)
	}
	return title
}

// oneLine makes text of a person harmless in a letter: one line, without
// controls and marks that turn the text around them, and without an address
// that a mail program would make a link of. So it can neither add a header nor
// a second link.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), turns(r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
	// After the marks are gone: one could stand inside "://".
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "://", ": //")), " ")
}

// turns names the invisible marks that reverse or hide text (Unicode TR 36).
func turns(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' ||
		r == '\u200b' || r == '\u200e' || r == '\u200f' || r == '\u2060' || r == '\ufeff'
}

// noteLines is an officer's note, line by line; nil for none.
func noteLines(s string) []string {
	var lines []string
	for line := range strings.Lines(strings.ReplaceAll(s, "\r", "\n")) {
		if line = oneLine(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// bare is a link as it is shown in HTML, where the address behind it already
// says the rest: without its scheme.
func bare(link string) string {
	return strings.TrimPrefix(strings.TrimPrefix(link, "https://"), "http://")
}
