package petition

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Display is how a petitioner is shown to everyone.
type Display string

// The ways. The zero value is by name.
const (
	DisplayName     Display = "name"
	DisplayInitials Display = "initials"
	DisplayPlatform Display = "platform" // known to the platform, and to nobody else
)

// DisplayRule says what everyone may learn of the petitioner.
type DisplayRule struct {
	Creator   []Display `yaml:"creator" json:"creator"`       // ways to choose from, the first is the default; empty: by name
	EraseName bool      `yaml:"erase_name" json:"erase_name"` // a petitioner may have the name erased, too
	Cite      Cite      `yaml:"cite" json:"cite"`
}

// Displays are the ways a petitioner may choose from; never empty.
func (l *Profile) Displays() []Display {
	if len(l.Display.Creator) == 0 {
		return []Display{DisplayName}
	}
	return l.Display.Creator
}

// MayDisplay reports whether the law allows this way for a petitioner of this kind.
func (l *Profile) MayDisplay(kind CreatorKind, d Display) bool {
	if kind == Organisation {
		return d == DisplayName || d == ""
	}
	return d == "" || slices.Contains(l.Displays(), d)
}

// Public is the petitioner as everyone may see it: never more than was chosen.
func (c Creator) Public() Creator {
	switch {
	case c.Erased:
		c.Name = ""
	case c.Kind == Organisation:
	case c.Display == DisplayInitials:
		c.Name = Initials(c.Name)
	case c.Display == DisplayPlatform:
		c.Name = ""
	}
	return c
}

// Initials are the first letters of the words of a name: "A. B."
func Initials(name string) string {
	var out []string
	for word := range strings.FieldsSeq(name) {
		r, _ := utf8.DecodeRuneInString(word)
		out = append(out, strings.ToUpper(string(r))+".")
	}
	return strings.Join(out, " ")
}

// SetDisplay changes how the petitioner is shown; until the publication only,
// because what was public stays known.
func (l *Profile) SetDisplay(p Petition, d Display, now time.Time) (Change, error) {
	switch p.State {
	case Supporting, Authorising, Moderation, Returned:
	default:
		return Change{}, ErrState
	}
	if d == "" || p.Creator.Erased || !l.MayDisplay(p.Creator.Kind, d) {
		return Change{}, FieldErrors{{Field: "display", Key: "unknown"}}
	}
	p.Creator.Display = d
	return changed(p, EvDisplay, now, ActorPetitioner, nil), nil
}

// Erase records that the petitioner's contact was destroyed. The name goes too
// where the law allows it; the petition stays. It cannot be undone.
func (l *Profile) Erase(p Petition, now time.Time) (Change, error) {
	if p.State == Draft || p.Creator.Erased {
		return Change{}, ErrState
	}
	if l.Display.EraseName { // of an organisation its own name stays, and who wrote for it goes
		p.Creator.Name, p.Creator.Erased = "", true
	}
	return changed(p, EvErased, now, ActorPetitioner, nil), nil
}
