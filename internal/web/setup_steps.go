package web

import (
	"slices"

	"github.com/dauys/dauys/internal/i18n"
)

// wizardStep is a line of the list of steps beside the first run.
type wizardStep struct {
	Name, State string // done, current, ahead
	URL         string // of a step that was reached before; "" for others
}

// wizardSteps are all steps, seen from one of them. reached is the furthest
// that the answers lead to.
func wizardSteps(pr *i18n.Printer, action, here, reached string) []wizardStep {
	names := setupSteps()
	at, far := slices.Index(names, here), slices.Index(names, reached)
	steps := make([]wizardStep, 0, len(names))
	for i, name := range names {
		s := wizardStep{Name: pr.T("firstrun.step." + name), State: "ahead"}
		switch {
		case i == at:
			s.State = "current"
		case i < max(at, far):
			s.State = "done"
		}
		if i != at && i <= max(at, far) {
			s.URL = action + "?step=" + name
		}
		steps = append(steps, s)
	}
	return steps
}
