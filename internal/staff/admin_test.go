package staff

import (
	"errors"
	"strings"
	"testing"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

func TestAppointments(t *testing.T) {
	d := newDesk(t)
	address := func(token string) string { return "https://dauys.example/kk/desk/login/" + token }
	for _, c := range []struct{ email, role, body, field string }{
		{"nobody", "admin", "", "email"},
		{"a@desk.example", "king", "", "role"},
		{"a@desk.example", "officer", "", "body"},
		{"a@desk.example", "moderator", "akimat", "body"},
	} {
		var errs petition.FieldErrors
		if _, _, err := d.Appointment(c.email, store.Role(c.role), c.body, "kk", address); !errors.As(err, &errs) || errs[0].Field != c.field {
			t.Errorf("%+v: %v", c, err)
		}
	}
	admin, token, err := d.Appointment("Dana@desk.example", store.Admin, "", "kk", address)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Appoint(t.Context(), 0, admin); err != nil {
		t.Fatal(err)
	}
	session := d.login(t, token)
	list, err := d.Accounts(t.Context())
	if err != nil || len(list) != 1 || !strings.EqualFold(list[0].Address, "dana@desk.example") {
		t.Fatalf("%+v, %v", list, err)
	}
	if err := d.Change(t.Context(), list[0].ID, list[0].ID, store.Admin, "", true); !errors.Is(err, store.ErrConflict) {
		t.Errorf("the last administrator was locked out: %v", err)
	}
	if _, err := d.Session(t.Context(), session); err != nil {
		t.Errorf("a refused change logged out: %v", err)
	}
}
