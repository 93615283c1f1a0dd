package storetest

import (
	"time"

	"github.com/dauys/dauys/internal/store"
)

func secondFactor(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	st, err := w.S.AddStaff(ctx, [16]byte{1}, []byte("sealed"), store.Moderator, "", w.Now)
	w.must(err)
	open := func(session string, reset bool) {
		add := w.S.AddLoginLink
		if reset {
			add = w.S.AddResetLink
		}
		w.must(add(ctx, []byte("link of "+session), st.ID, w.Now.Add(time.Hour)))
		_, err := w.S.StartSession(ctx, []byte("link of "+session), []byte(session), w.Now, w.Now.Add(time.Hour))
		w.must(err)
	}
	proven := func(session string) bool {
		who, err := w.S.Session(ctx, []byte(session), w.Now, w.Now.Add(-time.Minute))
		w.must(err)
		return who.Proven
	}
	factor := func(fresh string) store.SecondFactor {
		f, err := w.S.SecondFactor(ctx, st.ID, []byte(fresh))
		w.must(err)
		return f
	}
	open("a", false)
	equal(w, "at first", proven("a"), false)
	equal(w, "secret", string(factor("one").Sealed), "one")
	equal(w, "secret stays", string(factor("two").Sealed), "one")
	w.must(w.S.UseCode(ctx, st.ID, []byte("a"), 100))
	equal(w, "after the code", proven("a"), true)
	equal(w, "has it", factor("two").Proven, true)
	open("b", false)
	for _, step := range []int64{100, 99} {
		w.want(w.S.UseCode(ctx, st.ID, []byte("b"), step), store.ErrConflict)
	}
	equal(w, "a used code", proven("b"), false)
	w.must(w.S.UseCode(ctx, st.ID, []byte("b"), 101))
	list, err := w.S.Sessions(ctx, st.ID, w.Now, w.Now.Add(-time.Minute))
	w.must(err)
	equal(w, "sessions", len(list), 2)
	w.must(w.S.RevokeSession(ctx, []byte("a"), st.ID+1)) // not theirs
	w.must(w.S.RevokeSession(ctx, []byte("b"), 0))
	list, err = w.S.Sessions(ctx, 0, w.Now, w.Now.Add(-time.Minute))
	w.must(err)
	if len(list) != 1 || string(list[0].Hash) != "a" || list[0].Role != store.Moderator {
		w.T.Errorf("sessions %+v", list)
	}
	open("c", true)
	equal(w, "reset", string(factor("three").Sealed), "three")
	_, err = w.S.Session(ctx, []byte("a"), w.Now, w.Now.Add(-time.Minute))
	w.want(err, store.ErrNotFound)
}
