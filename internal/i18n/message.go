package i18n

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/feature/plural"
)

// message is one entry of a locale file, compiled for one language.
type message struct {
	plural bool     // has forms besides other
	forms  []form   // by formIndex; the last is other and always there
	names  []string // placeholders of all forms together, sorted
	unsure bool     // a native reader shall look at it
}

// form is a text cut at its placeholders.
type form struct {
	text  string // the whole, when there are no placeholders
	parts []part
	set   bool
}

// part is literal text, or the name of a placeholder.
type part struct {
	text string
	name string
}

// The places of the forms in message.forms.
const (
	one = iota
	few
	many
	other
	formCount
)

// formNames are the CLDR names, as written in locale files.
var formNames = [formCount]string{"one", "few", "many", "other"}

// formIndex tells the place of a CLDR form. Forms that no language of the site has count as other.
func formIndex(f plural.Form) int {
	switch f {
	case plural.One:
		return one
	case plural.Few:
		return few
	case plural.Many:
		return many
	}
	return other
}

// neededForms are the forms a plural message must have. Source: CLDR 48, plurals, cardinal.
func neededForms(l Lang) []int {
	if l == Russian {
		return []int{one, few, many, other}
	}
	return []int{one, other}
}

// compile makes a message of the texts of an entry, by formIndex.
func compile(l Lang, texts [formCount]string, unsure bool) (message, error) {
	m := message{forms: make([]form, formCount), unsure: unsure}
	var errs []error
	for i, text := range texts {
		if text == "" {
			continue
		}
		m.plural = m.plural || i != other
		f, err := parseForm(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", formNames[i], err))
		}
		m.forms[i] = f
		m.names = append(m.names, f.names()...)
	}
	slices.Sort(m.names)
	m.names = slices.Compact(m.names)
	errs = append(errs, m.checkForms(l)...)
	return m, errors.Join(errs...)
}

// checkForms says which forms are missing, needless, or lack a placeholder
// that the other forms of the same message have.
func (m message) checkForms(l Lang) []error {
	needed := []int{other}
	if m.plural {
		needed = neededForms(l)
	}
	var errs []error
	for i, f := range m.forms {
		switch need := slices.Contains(needed, i); {
		case need && !f.set:
			errs = append(errs, fmt.Errorf("form %q is missing", formNames[i]))
		case !need && f.set:
			errs = append(errs, fmt.Errorf("form %q does not exist in this language", formNames[i]))
		case f.set:
			for _, name := range m.names {
				// In kk and en "one" is the number 1 alone and may say it in words;
				// in ru it is 21 and 101 too and must show the number.
				sayable := name == "n" && i == one && l != Russian
				if !sayable && !slices.Contains(f.names(), name) {
					errs = append(errs, fmt.Errorf("form %q lacks {{.%s}}", formNames[i], name))
				}
			}
		}
	}
	return errs
}

// parseForm cuts a text at its placeholders, {{.name}}.
func parseForm(text string) (form, error) {
	f := form{text: text, set: true}
	if !strings.Contains(text, "{{") {
		return f, nil
	}
	for rest := text; rest != ""; {
		before, after, found := strings.Cut(rest, "{{")
		if before != "" {
			f.parts = append(f.parts, part{text: before})
		}
		if !found {
			break
		}
		inside, behind, closed := strings.Cut(after, "}}")
		name, dotted := strings.CutPrefix(inside, ".")
		if !closed || !dotted || !isName(name) {
			return f, fmt.Errorf("placeholder %q is not of the form {{.name}}", "{{"+inside)
		}
		f.parts = append(f.parts, part{name: name})
		rest = behind
	}
	return f, nil
}

// isName reports whether s can name a placeholder: ASCII letters, digits and _.
func isName(s string) bool {
	for _, r := range s {
		letter := r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if !letter && !('0' <= r && r <= '9') {
			return false
		}
	}
	return s != ""
}

// names are the placeholders of the form, in the order of the text.
func (f form) names() []string {
	var names []string
	for _, p := range f.parts {
		if p.name != "" {
			names = append(names, p.name)
		}
	}
	return names
}

// render fills the placeholders. A placeholder without a value stays visible as
// ⟦name⟧. A value that ends with a full stop ("2026 г.") ends the sentence, too.
func (f form) render(value func(name string) (string, bool)) string {
	if f.parts == nil {
		return f.text
	}
	var b strings.Builder
	b.Grow(len(f.text) + 16)
	stopped := false
	for _, p := range f.parts {
		if p.name == "" {
			text := p.text
			if stopped && !strings.HasPrefix(text, "..") {
				text = strings.TrimPrefix(text, ".")
			}
			b.WriteString(text)
			stopped = false
			continue
		}
		v, ok := value(p.name)
		if !ok {
			v = missing(p.name)
		}
		b.WriteString(v)
		stopped = strings.HasSuffix(v, ".")
	}
	return b.String()
}

// missing is what a reader sees instead of a text that does not exist. A test of the pages looks for it.
func missing(name string) string { return "⟦" + name + "⟧" }
