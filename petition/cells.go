package petition

import (
	"cmp"
	"slices"
)

// Cell is a count of signatures from one place.
type Cell struct {
	Code  string // "" for signers who named no place
	Count int64
}

// Cells decides which places are shown: those with rule.Cell signatures or
// more, by code; the rest is added up in other. Signers who named no place are
// in neither, so that shown and other add up to the located signatures.
//
// places is how many places there are. Where one of them alone would stay
// unnamed, other would be that place's own count: then the smallest shown place
// is hidden with it (reference/trust.md 3.7). That holds before anybody signed
// there, too: its first signer would be seen to come otherwise, as a shown
// place that goes and the one signature by which the sum grew.
func (r CountRule) Cells(cells []Cell, places int) (shown []Cell, other int64) {
	for _, c := range cells {
		switch {
		case c.Code == "":
		case c.Count >= max(r.Cell, 1):
			shown = append(shown, c)
		default:
			other += c.Count
		}
	}
	if unnamed := places - len(shown); len(shown) > 0 && (unnamed == 1 || unnamed < 1 && other > 0) {
		least := 0
		for i, c := range shown {
			if c.Count < shown[least].Count {
				least = i
			}
		}
		other += shown[least].Count
		shown = slices.Delete(shown, least, least+1)
	}
	slices.SortFunc(shown, func(a, b Cell) int { return cmp.Compare(a.Code, b.Code) })
	return shown, other
}
