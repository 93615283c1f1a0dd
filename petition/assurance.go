package petition

import (
	"fmt"
	"slices"
)

// AssuranceMail is what a deployment can prove that knows of a person nothing
// but that they read an address.
const AssuranceMail = "mail"

// Assurances are the levels at which a law wants to know who signs, the weakest first.
func Assurances() []string { return []string{AssuranceMail, "eid-substantial", "eid-high"} }

// Falls reports whether a deployment that proves at level have proves less than
// the law asks of signers.
func (l *Profile) Falls(have string) bool {
	levels := Assurances()
	return slices.Index(levels, have) < slices.Index(levels, l.Signer.Assurance)
}

// AssuranceError says that a deployment would call signatures official that the
// law does not take.
type AssuranceError struct{ Law, Wants, Has string }

// Error names the law, what it asks for and what is proven.
func (e AssuranceError) Error() string {
	return fmt.Sprintf("%s is binding: official and asks for %s, but this deployment proves signers by %s only: "+
		"signatures that the law does not take cannot be collected in its name; use a profile with binding: shadow, or one whose assurance is %s", e.Law, e.Wants, e.Has, e.Has)
}

// CheckAssurance refuses a law that claims official effect for signatures which
// are proven at level have, and less than it asks for. A shadow of a law, and an
// operator's own rules, may be used: their pages say what is missing.
func (l *Profile) CheckAssurance(have string) error {
	if l.Binding == Official && l.Falls(have) {
		return AssuranceError{Law: l.ID + " " + l.Version, Wants: l.Signer.Assurance, Has: have}
	}
	return nil
}
