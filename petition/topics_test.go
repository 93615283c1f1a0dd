package petition

import (
	"errors"
	"slices"
	"testing"
)

func TestRetopic(t *testing.T) {
	l := civic(t)
	now := noon(t, l)
	p := inState(t, l, Open, now)
	p.Topics = []string{"imported-code"}
	c, err := l.Retopic(p, []string{"transport", "imported-code", "transport"}, 3, now)
	p = must(t, c, err)
	wantKinds(t, "topics", c, EvTopics)
	if want := []string{"imported-code", "transport"}; !slices.Equal(p.Topics, want) {
		t.Errorf("topics %v", p.Topics)
	}
	_, err = l.Retopic(p, []string{"invented"}, 3, now)
	if faults, ok := errors.AsType[FieldErrors](err); !ok || faults[0].Field != "topics" {
		t.Errorf("unknown code: %v", err)
	}
	_, err = l.Retopic(p, []string{"transport", "imported-code"}, 3, now)
	wantErr(t, "nothing new", err, ErrState)
	for _, s := range []State{Draft, Removed, Withdrawn, Lapsed} {
		_, err := l.Retopic(inState(t, l, s, now), []string{"transport"}, 3, now)
		wantErr(t, string(s), err, ErrState)
	}
}
