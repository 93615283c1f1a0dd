package store

import (
	"bytes"
	"math"
	"slices"
	"testing"
)

func FuzzPeople(f *testing.F) {
	f.Add(peopleOf(nil))
	f.Add(peopleOf([]person{{[16]byte{}, 0}, {[16]byte{15: 255}, math.MaxInt64}}))
	f.Add([]byte{0xec, 0, 0, 0, 21, 0xca, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xc3, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		var people, again []person
		if err := eachPerson(b, everybody, func(p person) { people = append(people, p) }); err != nil {
			return
		}
		for _, p := range people {
			place, there, err := findPerson(b, p.nullifier)
			if first := slices.IndexFunc(people, func(q person) bool { return q.nullifier == p.nullifier }); err != nil || !there || place != people[first].place {
				t.Fatalf("%x is at %d: %d, %v, %v", p.nullifier, people[first].place, place, there, err)
			}
		}
		written := peopleOf(people)
		if err := eachPerson(written, everybody, func(p person) { again = append(again, p) }); err != nil || !slices.Equal(again, people) {
			t.Fatalf("%v, written and read again %v: %v", people, again, err)
		}
		if len(written) == len(b) && !bytes.Equal(written, b) { // "+1" is as long as "10"
			for _, p := range people {
				if p.place > 9 {
					return
				}
			}
			t.Fatalf("%x and %x read the same", b, written)
		}
	})
}

func everybody([16]byte) bool { return true }
