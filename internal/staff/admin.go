package staff

import (
	"context"
	"fmt"

	"github.com/dauys/dauys/internal/identity"
	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// Appointment makes what the store needs for a new account: a one-time login
// link, its token, and the letter that carries it in language l. link turns a
// token into a whole address. A bad address is petition.FieldErrors.
func (s *Service) Appointment(email string, role store.Role, body string, l petition.Lang, link func(token string) string) (store.Appointment, string, error) {
	a, err := identity.ParseAddress(email)
	if err != nil {
		return store.Appointment{}, "", petition.FieldErrors{{Field: "email", Key: "email"}}
	}
	if err := CheckRole(role, body); err != nil {
		return store.Appointment{}, "", err
	}
	token, now := newToken(), s.now()
	ends := now.Add(LinkLife)
	mail := letter.Letter{To: a.Send, Lang: l, Kind: letter.Login,
		Args: map[string]string{"link": link(token), "until": ends.UTC().Format("2006-01-02")}}
	sealed, err := mail.Seal(s.vault, "", store.PriorityProof, now)
	return store.Appointment{AddressHash: s.vault.Lookup("staff", a.Canon), Address: letter.SealAddress(s.vault, a.Send),
		Role: role, Body: body, Link: hash(token), LinkEnds: ends, Letter: sealed}, token, err
}

// Appoint keeps an appointment that the officer actor made.
func (s *Service) Appoint(ctx context.Context, actor int64, a store.Appointment) error {
	_, err := s.store.Appoint(ctx, actor, a, s.now())
	return err
}

// Account is somebody who may work at the desk, as administrators see it.
type Account struct {
	store.Staff
	Address  string
	Disabled bool
}

// Accounts are all of them, by id.
func (s *Service) Accounts(ctx context.Context) ([]Account, error) {
	rows, err := s.store.AdminStaff(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]Account, len(rows))
	for i, r := range rows {
		list[i] = Account{Staff: r.Staff, Disabled: r.Disabled}
		if list[i].Address, err = letter.OpenAddress(s.vault, r.Address); err != nil {
			return nil, fmt.Errorf("staff: address of account %d: %w", r.ID, err)
		}
	}
	return list, nil
}

// CheckRole says what is wrong with a role and the body it is for: an officer
// belongs to one, the others to none.
func CheckRole(role store.Role, body string) error {
	if !role.Known() {
		return petition.FieldErrors{{Field: "role", Key: "unknown"}}
	}
	if (role == store.Officer) != (body != "") {
		return petition.FieldErrors{{Field: "body", Key: "role_body"}}
	}
	return nil
}

// Change gives an account another role or disables it. The last administrator
// stays one: store.ErrConflict.
func (s *Service) Change(ctx context.Context, actor, id int64, role store.Role, body string, disabled bool) error {
	if err := CheckRole(role, body); err != nil {
		return err
	}
	return s.store.ChangeStaff(ctx, actor, id, role, body, disabled, s.now())
}
