package storetest

import (
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/register"
)

func settings(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	set := func(actor int64, name, value string) {
		w.must(w.S.ChangeSettings(ctx, actor, w.Now, func(s petition.Settings) ([]petition.SettingAct, error) {
			return []petition.SettingAct{{Name: name, Old: s[name], New: value}}, nil
		}))
	}
	gen := w.S.Generation()
	set(7, petition.SetOperator, "Town")
	w.wait(time.Hour)
	set(8, petition.SetOperator, "City")
	equal(w, "generation", w.S.Generation(), gen+2)
	have, version, err := w.S.Settings(ctx)
	w.must(err)
	equal(w, "operator", have[petition.SetOperator], "City")
	seen, err := w.S.SettingsVersion(ctx)
	w.must(err)
	equal(w, "version", seen, version)
	refusal := store.ErrFull
	w.want(w.S.ChangeSettings(ctx, 9, w.Now, func(petition.Settings) ([]petition.SettingAct, error) { return nil, refusal }), refusal)
	acts, err := w.S.SettingsActs(ctx, 10)
	w.must(err)
	equal(w, "acts", len(acts), 2)
	equal(w, "latest", acts[0], petition.SettingAct{ID: acts[0].ID, At: w.Now, Actor: 8, Name: petition.SetOperator, Old: "Town", New: "City"})
	equal(w, "first", acts[1].Old, "")

	w.must(w.S.KeepPlaces(ctx, "hash", "code,kind\n"))
	w.must(w.S.KeepPlaces(ctx, "hash", "another text"))
	csv, err := w.S.PlacesCSV(ctx, "hash")
	w.must(err)
	equal(w, "places", csv, "code,kind\n")
	_, err = w.S.PlacesCSV(ctx, "none")
	w.want(err, store.ErrNotFound)
	w.sound()
}

// appointment is an account whose secrets are told apart by n.
func (w *World) appointment(n byte, role store.Role) store.Appointment {
	return store.Appointment{AddressHash: [16]byte{n}, Address: []byte{n}, Role: role, Link: []byte{n, 1}, LinkEnds: w.Now.Add(time.Hour),
		Letter: w.Letter("login-"+string('a'+rune(n)), store.PriorityProof)}
}

func deskActs(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	_, err := w.S.Appoint(ctx, 0, w.appointment(9, store.Moderator), w.Now)
	w.want(err, store.ErrConflict) // nobody would be left to administer
	admin, err := w.S.Appoint(ctx, 0, w.appointment(1, store.Admin), w.Now)
	w.must(err)
	other, err := w.S.Appoint(ctx, admin.ID, w.appointment(2, store.Moderator), w.Now)
	w.must(err)
	w.want(w.S.ChangeStaff(ctx, admin.ID, admin.ID, store.Admin, "", true, w.Now), store.ErrConflict)
	w.want(w.S.ChangeStaff(ctx, admin.ID, admin.ID, store.Auditor, "", false, w.Now), store.ErrConflict)
	w.want(w.S.ChangeStaff(ctx, admin.ID, 4711, store.Auditor, "", false, w.Now), store.ErrNotFound)
	_, err = w.S.StartSession(ctx, []byte{2, 1}, []byte("session"), w.Now, w.Now.Add(time.Hour))
	w.must(err)
	w.must(w.S.ChangeStaff(ctx, admin.ID, other.ID, store.Moderator, "", true, w.Now))
	w.must(w.S.ChangeStaff(ctx, admin.ID, other.ID, store.Moderator, "", true, w.Now)) // no second act
	_, err = w.S.Session(ctx, []byte("session"), w.Now, w.Now.Add(-time.Hour))
	w.want(err, store.ErrNotFound)
	list, err := w.S.AdminStaff(ctx)
	w.must(err)
	equal(w, "accounts", len(list), 2)
	equal(w, "disabled", list[1].Disabled, true)

	river := register.Body{ID: "akimat-river", Names: map[string]string{"ru": "Акимат"}, Kind: "akimat"}
	n, err := w.S.SaveBodies(ctx, admin.ID, []register.Body{river, river}, w.Now)
	w.must(err)
	equal(w, "new bodies", n, 1)
	river.Email = "office@river.example"
	n, err = w.S.SaveBodies(ctx, admin.ID, []register.Body{river}, w.Now)
	w.must(err)
	equal(w, "changed bodies", n, 1)
	acts, err := w.S.SettingsActs(ctx, 10)
	w.must(err)
	equal(w, "acts", len(acts), 5)
	equal(w, "body", acts[0].Name, "body:akimat-river")
	equal(w, "staff", acts[2].Old+" -> "+acts[2].New, "moderator -> disabled")
	w.sound()
}

func firstRun(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	first, second := []byte("hash of the first"), []byte("hash of the second")
	live := func(hash []byte) bool {
		ok, err := w.S.SetupLinkLive(ctx, hash, w.Now)
		w.must(err)
		return ok
	}
	_, err := w.S.SetupLinkLive(ctx, first, w.Now)
	w.want(err, store.ErrNotFound)
	w.must(w.S.NewSetupLink(ctx, first, w.Now.Add(24*time.Hour)))
	equal(w, "first", live(first), true)
	w.must(w.S.NewSetupLink(ctx, second, w.Now.Add(24*time.Hour)))
	equal(w, "first after the second", live(first), false)
	none, err := w.S.SetupDraft(ctx)
	w.must(err)
	equal(w, "draft at first", len(none), 0)
	w.must(w.S.SaveSetupDraft(ctx, []byte("one")))
	w.must(w.S.SaveSetupDraft(ctx, []byte("two")))
	draft, err := w.S.SetupDraft(ctx)
	w.must(err)
	equal(w, "draft", string(draft), "two")

	acts := []petition.SettingAct{{Name: petition.SetOperator, New: "Town"}}
	bodies := []register.Body{{ID: "council", Names: map[string]string{"en": "Council"}, Kind: "council"}}
	finish := func(link []byte) error {
		return w.S.FinishSetup(ctx, link, w.appointment(1, store.Admin), acts, bodies, w.Now)
	}
	w.want(finish(first), store.ErrNotFound)
	began := w.Now
	w.wait(24 * time.Hour)
	equal(w, "second after a day", live(second), false)
	w.want(finish(second), store.ErrNotFound)
	w.Now = began
	w.must(finish(second))
	equal(w, "used", live(second), false)
	w.want(finish(second), store.ErrNotFound)
	w.want(w.S.NewSetupLink(ctx, []byte("third"), w.Now.Add(time.Hour)), store.ErrConflict)
	draft, err = w.S.SetupDraft(ctx)
	w.must(err)
	equal(w, "draft at the end", len(draft), 0)
	have, _, err := w.S.Settings(ctx)
	w.must(err)
	equal(w, "operator", have[petition.SetOperator], "Town")
	_, err = w.S.Body(ctx, "council")
	w.must(err)
	st, err := w.S.StartSession(ctx, []byte{1, 1}, []byte("session"), w.Now, w.Now.Add(time.Hour))
	w.must(err)
	kept, err := w.S.SettingsActs(ctx, 10)
	w.must(err)
	equal(w, "acts", len(kept), 3)
	for _, a := range kept {
		equal(w, "actor of "+a.Name, a.Actor, st.ID)
	}
	w.sound()
}
