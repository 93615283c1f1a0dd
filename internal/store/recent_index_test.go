package store

import (
	"encoding/binary"
	"testing"

	"pgregory.net/rapid"

	"github.com/dauys/dauys/petition"
)

// The index finds what a map would, however alike people are, in whatever rows and
// petitions, and behind attempts to settle that broke.
func TestTheRecentIndexFindsWhatAMapWould(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var now, old recentIndex
		want := make(map[sigKey]int64)
		n, id := 0, rapid.Int64Range(1, 1<<40).Draw(t, "first id")
		key := func() sigKey {
			k := sigKey{petition: petition.ID(rapid.Int64Range(1, 3).Draw(t, "petition"))}
			binary.BigEndian.PutUint64(k.nullifier[:], rapid.Uint64Range(0, 20).Draw(t, "low")|rapid.Uint64Range(0, 3).Draw(t, "high")<<60)
			return k
		}
		for range rapid.IntRange(1, 40).Draw(t, "rows") {
			if rapid.IntRange(0, 9).Draw(t, "turn") == 0 {
				if old.n == 0 {
					old = now
				} else {
					old.join(now)
				}
				now = recentIndex{}
			}
			k := key()
			id += rapid.Int64Range(1, 3).Draw(t, "gap")
			if err := now.put(appendedRow{id, k.petition, peopleOf([]person{{k.nullifier, 7}})}); err != nil {
				t.Fatal(err)
			}
			want[k] = id
			n++
		}
		for range 50 {
			k := key()
			got := now.find(k)
			if got == 0 {
				got = old.find(k)
			}
			if got != want[k] {
				t.Fatalf("%v is in %d, want %d", k, got, want[k])
			}
		}
		if now.n+old.n != n {
			t.Fatalf("%d are in it, want %d", now.n+old.n, n)
		}
	})
}

// Whatever the number of slices, everybody is in one, and they follow each other in
// the order of the table's index.
func TestEverybodyIsInOneSlice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var x, y [16]byte
		binary.BigEndian.PutUint64(x[:], rapid.Uint64().Draw(t, "x"))
		binary.BigEndian.PutUint64(y[:], rapid.Uint64().Draw(t, "y"))
		if short(x) > short(y) {
			x, y = y, x
		}
		of := rapid.Uint64Range(1, 40).Draw(t, "of")
		var in [2][]uint64
		for i := range of {
			for j, who := range [][16]byte{x, y} {
				if (slice{i, of}).has(who) {
					in[j] = append(in[j], i)
				}
			}
		}
		if len(in[0]) != 1 || len(in[1]) != 1 || in[0][0] > in[1][0] {
			t.Fatalf("%x and %x are in %v of %d", x, y, in, of)
		}
	})
}
