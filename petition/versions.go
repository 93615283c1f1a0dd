package petition

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// TextHash names a version of the text: the SHA-256 of its JSON, in hexadecimal
// digits. The store keeps the same beside each version.
func TextHash(t Texts) string {
	b, _ := json.Marshal(t) // a map of strings
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// backedVersion is what the event of a change keeps of the version before it:
// its number, its hash and how many had backed it.
func backedVersion(p Petition) map[string]string {
	return map[string]string{"version": strconv.Itoa(p.TextVersion), "hash": TextHash(p.Texts), "backed": strconv.FormatInt(p.Count, 10)}
}

// Piece is a run of a text that was kept, added or taken out.
type Piece struct {
	Op   string // "same", "added", "removed"
	Text string
}

// maxDiff bounds the work: longer texts are shown as taken out and added whole.
const maxDiff = 1500

// Diff tells two versions of a text apart, word by word: joined, the pieces
// that are not added are before, and those that are not removed are after.
func Diff(before, after string) []Piece {
	a, b := words(before), words(after)
	if len(a) > maxDiff || len(b) > maxDiff {
		return joinPieces([]Piece{{"removed", before}, {"added", after}})
	}
	// longest[i][j] is the length of the longest common run of a[i:] and b[j:].
	longest := make([][]int, len(a)+1)
	for i := range longest {
		longest[i] = make([]int, len(b)+1)
	}
	for i, word := range slices.Backward(a) {
		for j := range slices.Backward(b) {
			if word == b[j] {
				longest[i][j] = longest[i+1][j+1] + 1
			} else {
				longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			}
		}
	}
	var pieces []Piece
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			pieces = append(pieces, Piece{"same", a[i]})
			i, j = i+1, j+1
		case i < len(a) && (j == len(b) || longest[i+1][j] >= longest[i][j+1]):
			pieces = append(pieces, Piece{"removed", a[i]})
			i++
		default:
			pieces = append(pieces, Piece{"added", b[j]})
			j++
		}
	}
	return joinPieces(pieces)
}

// words cuts a text before each word; joined they are the text again.
func words(s string) []string {
	var out []string
	start, space := 0, false
	for i, r := range s {
		if unicode.IsSpace(r) {
			space = true
		} else if space {
			out, start, space = append(out, s[start:i]), i, false
		}
	}
	if start < len(s) {
		out = append(out, s[start:])
	}
	return out
}

// joinPieces makes one piece of neighbours of a kind, and drops empty ones.
func joinPieces(pieces []Piece) []Piece {
	var out []Piece
	var b strings.Builder
	for i, p := range pieces {
		b.WriteString(p.Text)
		if i+1 == len(pieces) || pieces[i+1].Op != p.Op {
			if b.Len() > 0 {
				out = append(out, Piece{p.Op, b.String()})
			}
			b.Reset()
		}
	}
	return out
}
