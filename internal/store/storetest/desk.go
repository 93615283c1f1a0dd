package storetest

import (
	"slices"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/register"
)

func staff(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	has, err := w.S.HasStaff(ctx)
	w.must(err)
	equal(w, "staff at first", has, false)
	st, err := w.S.AddStaff(ctx, [16]byte{1}, []byte("sealed"), store.Moderator, "", w.Now)
	w.must(err)
	again, err := w.S.AddStaff(ctx, [16]byte{1}, []byte("sealed"), store.Officer, "akimat-river", w.Now)
	w.must(err)
	equal(w, "same account", again.ID, st.ID)
	link, session := []byte("hash of a link"), []byte("hash of a session")
	w.must(w.S.AddLoginLink(ctx, link, st.ID, w.Now.Add(time.Hour)))
	live := func(now time.Time) bool {
		ok, err := w.S.LoginLinkLive(ctx, link, now)
		w.must(err)
		return ok
	}
	equal(w, "live", live(w.Now), true)
	equal(w, "expired", live(w.Now.Add(time.Hour)), false)
	_, err = w.S.StartSession(ctx, link, session, w.Now.Add(2*time.Hour), w.Now.Add(10*time.Hour))
	w.want(err, store.ErrNotFound)
	who, err := w.S.StartSession(ctx, link, session, w.Now, w.Now.Add(10*time.Hour))
	w.must(err)
	equal(w, "who", who, store.Staff{ID: st.ID, Role: store.Officer, Body: "akimat-river"})
	equal(w, "used", live(w.Now), false)
	_, err = w.S.StartSession(ctx, link, []byte("another session"), w.Now, w.Now.Add(10*time.Hour))
	w.want(err, store.ErrNotFound)

	use := func(after, idle time.Duration) error {
		now := w.Now.Add(after)
		_, err := w.S.Session(ctx, session, now, now.Add(-idle))
		return err
	}
	w.must(use(25*time.Minute, 30*time.Minute))
	w.must(use(50*time.Minute, 30*time.Minute)) // the first use moved it on
	w.want(use(90*time.Minute, 30*time.Minute), store.ErrNotFound)
	w.must(use(60*time.Minute, 30*time.Minute))
	w.want(use(10*time.Hour, 20*time.Hour), store.ErrNotFound)
	w.must(w.S.EndSession(ctx, session, w.Now))
	w.want(use(0, 20*time.Hour), store.ErrNotFound)
	has, err = w.S.HasStaff(ctx)
	w.must(err)
	equal(w, "staff", has, true)
}

func bodies(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	sand := register.Body{ID: "min-sand", Names: map[string]string{"en": "Ministry of Sand", "kk": "Құм министрлігі"}, Kind: "ministry"}
	river := register.Body{ID: "akimat-river", Names: map[string]string{"ru": "Акимат"}, Kind: "akimat", Place: "KZ-10", Email: "office@river.example"}
	changed, err := w.S.SaveBodies(ctx, 0, []register.Body{sand, river, sand}, w.Now)
	w.must(err)
	equal(w, "added", changed, 2)
	sand.Email = "office@sand.example"
	gen := w.S.Generation()
	changed, err = w.S.SaveBodies(ctx, 0, []register.Body{river, sand}, w.Now)
	w.must(err)
	equal(w, "changed", changed, 1)
	equal(w, "generation", w.S.Generation(), gen+1)
	all, err := w.S.Bodies(ctx)
	w.must(err)
	if len(all) != 2 || all[0].ID != "akimat-river" || all[1].Email != "office@sand.example" || all[1].Names["kk"] != "Құм министрлігі" {
		w.T.Errorf("bodies: %+v", all)
	}
	b, err := w.S.Body(ctx, "akimat-river")
	w.must(err)
	equal(w, "place", b.Place, "KZ-10")
	_, err = w.S.Body(ctx, "nobody")
	w.want(err, store.ErrNotFound)
}

func meta(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	get := func() string {
		v, err := w.S.Meta(ctx, "name")
		w.must(err)
		return v
	}
	equal(w, "unset", get(), "")
	for _, value := range []string{"one", "two"} {
		if kept, err := w.S.FirstMeta(ctx, "kept", value); err != nil || kept != "one" {
			w.T.Errorf("FirstMeta(%q): %q, %v; want the first", value, kept, err)
		}
	}
	w.must(w.S.SetMeta(ctx, "name", "first"))
	w.must(w.S.SetMeta(ctx, "name", "second"))
	equal(w, "set", get(), "second")
	_, err := w.S.TidyLog(ctx)
	w.must(err)
	p := w.Supporting(Small)
	w.Sign(p.ID, 1, 3, "")
	page, err := w.S.DeskQueue(ctx, store.DeskQuery{Limit: 10})
	w.must(err)
	equal(w, "queue", page.Total, 1)
	queue := page.Items
	if len(queue) != 1 || queue[0].ID != p.ID || queue[0].State != petition.Moderation {
		w.T.Errorf("queue: %+v", queue)
	}
	w.must(w.S.PollGeneration(ctx))
	list, err := w.S.Parliaments(ctx)
	w.must(err)
	equal(w, "parliaments", len(slices.Clone(list)), 0)
}
