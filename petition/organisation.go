package petition

import (
	"bytes"
	"time"
)

// OrgState tells whether an organisation stands behind a petition in its name.
type OrgState string

// The states; a petition without an OrgCheck was never asked about.
const (
	OrgAsked     OrgState = "asked"
	OrgConfirmed OrgState = "confirmed"
	OrgDisowned  OrgState = "disowned"
)

// OrgCheck is what the organisation was asked and said. The address it was
// written to is not kept: the source says where it stands in public.
type OrgCheck struct {
	State  OrgState  `json:"state"`
	Source string    `json:"source"`          // address of the public page with the contact, or the officer's ground
	Nonce  []byte    `json:"nonce,omitempty"` // of the link that may answer, once; nil when used
	At     time.Time `json:"at"`              // of the state
	Until  time.Time `json:"until,omitzero"`  // the link works before this moment
	By     OfficerID `json:"by,omitempty"`    // who asked, or confirmed by hand; 0 for the organisation itself
}

// OrgLinkLife is how long an organisation's link may be used.
const OrgLinkLife = 30 * 24 * time.Hour

// OrgVerified reports whether the organisation itself, or an officer of the
// register, said that it stands behind the petition.
func (p Petition) OrgVerified() bool { return p.OrgCheck != nil && p.OrgCheck.State == OrgConfirmed }

func (c *OrgCheck) disowned() bool { return c != nil && c.State == OrgDisowned }

// mayAsk is where an organisation's word still changes something.
func (p Petition) mayAsk() bool {
	return p.Creator.Kind == Organisation && !p.Archived() && p.State != Draft && p.State != Withdrawn && p.State != Lapsed && p.State != Removed &&
		!p.OrgCheck.disowned()
}

// AskOrg records that the organisation was written to at the contact it
// publishes at source. Asking again makes the earlier link useless.
func (l *Profile) AskOrg(p Petition, source string, nonce []byte, who OfficerID, now time.Time) (Change, error) {
	if p.Archived() {
		return Change{}, ErrArchived
	}
	if !p.mayAsk() || p.OrgVerified() {
		return Change{}, ErrState
	}
	p.OrgCheck = &OrgCheck{State: OrgAsked, Source: source, Nonce: nonce, At: now, Until: now.Add(OrgLinkLife), By: who}
	return changed(p, EvOrgAsked, now, ActorOfficer(who), map[string]string{"source": source}), nil
}

// OrgAnswerable says whether a link with this nonce can still answer at now.
func (p Petition) OrgAnswerable(nonce []byte, now time.Time) error {
	c := p.OrgCheck
	switch {
	case p.Archived():
		return ErrArchived
	case c == nil || len(c.Nonce) == 0 || !bytes.Equal(c.Nonce, nonce) || !p.mayAsk():
		return ErrState
	case !now.Before(c.Until):
		return ErrLate
	}
	return nil
}

// ConfirmOrg is the organisation's word, by the link of its letter, that it
// stands behind the petition.
func (l *Profile) ConfirmOrg(p Petition, nonce []byte, now time.Time) (Change, error) {
	if err := p.OrgAnswerable(nonce, now); err != nil {
		return Change{}, err
	}
	p.OrgCheck = &OrgCheck{State: OrgConfirmed, Source: p.OrgCheck.Source, At: now}
	return changed(p, EvOrgConfirmed, now, ActorOrganisation, map[string]string{"source": p.OrgCheck.Source}), nil
}

// RegisterOrg is an officer's confirmation by hand, with its source.
func (l *Profile) RegisterOrg(p Petition, source string, who OfficerID, now time.Time) (Change, error) {
	if p.Archived() {
		return Change{}, ErrArchived
	}
	if !p.mayAsk() || p.OrgVerified() {
		return Change{}, ErrState
	}
	p.OrgCheck = &OrgCheck{State: OrgConfirmed, Source: source, At: now, By: who}
	return changed(p, EvOrgConfirmed, now, ActorOfficer(who), map[string]string{"source": source}), nil
}

// DisownOrg is the organisation's word that the petition is not its own. A
// petition that collects signatures is closed, one that was never public ends.
func (l *Profile) DisownOrg(p Petition, nonce []byte, now time.Time) (Change, error) {
	if err := p.OrgAnswerable(nonce, now); err != nil {
		return Change{}, err
	}
	p.OrgCheck = &OrgCheck{State: OrgDisowned, Source: p.OrgCheck.Source, At: now}
	c := changed(p, EvOrgDisowned, now, ActorOrganisation, nil)
	switch p.State {
	case Open:
		c = shut(c, now, ActorOrganisation)
	case Supporting, Authorising, Moderation, Returned:
		c.Petition.State, c.Petition.EndedAt, c.Petition.Proposed = Withdrawn, now, nil
	}
	return c, nil
}

// shut closes an open petition before its term.
func shut(c Change, now time.Time, actor string) Change {
	p := &c.Petition
	p.State, p.ClosedAt, p.ClosesAt = Closed, now, now
	p.Shown, p.ShownAt = p.Count, now
	c.Events = append(c.Events, Event{Petition: p.ID, Kind: EvClosed, At: now, Actor: actor})
	return lapseMerges(c, now, true)
}
