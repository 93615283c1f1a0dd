package store_test

import (
	"slices"
	"testing"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/store/storetest"
	"github.com/dauys/dauys/petition"
)

// Names that an earlier version kept under its own skeleton are found after
// migrate, once.
func TestSkeletonsOfBeforeAreMadeAnew(t *testing.T) {
	onEach(t, func(t *testing.T, w *storetest.World) {
		s := w.S
		for _, name := range []string{"Ak Bulak", "ΑК Bulаk"} {
			l := w.S.Laws()[petition.ProfileRef{ID: storetest.Small, Version: "1"}]
			c := l.Start(petition.Petition{UID: petition.UID([]byte((name + "................")[:16])), Kind: petition.KindProposal, Lang: "en", Body: "x", Texts: storetest.Texts(name),
				Creator: petition.Creator{Kind: petition.Organisation, Name: "N", Org: name}}, noon)
			_, err := s.Create(t.Context(), c, []byte("salt 0123456789abcdef"), store.Contact{Hash: [16]byte{1}, Sealed: []byte("x"), Lang: "en"}, noon,
				func(petition.Petition) (store.Letter, error) {
					return w.Letter("start "+name, store.PriorityProof), nil
				})
			if err != nil {
				t.Fatal(err)
			}
		}
		found := func() []string {
			names, err := s.DeskLookalikes(t.Context(), "Ak Bulak")
			if err != nil {
				t.Fatal(err)
			}
			return names
		}
		store.Exec(t, s, `UPDATE org_names SET skeleton = name`)
		store.Exec(t, s, `DELETE FROM meta WHERE name = 'skeleton_version'`)
		if names := found(); len(names) > 0 {
			t.Fatalf("the test proves nothing: %v", names)
		}
		w.Migrate()
		if names := found(); !slices.Equal(names, []string{"ΑК Bulаk"}) {
			t.Errorf("after migrate: %q", names)
		}
		store.Exec(t, s, `UPDATE org_names SET skeleton = name`)
		if w.Migrate(); len(found()) > 0 {
			t.Error("made anew twice")
		}
	})
}
