package identity

import "github.com/dauys/dauys/internal/vault"

// Broker turns a proven person into Nb, the first of the two keyed hashes of a
// signature (docs/trust.md). It keeps nothing. Today it is part of the server;
// the type is the seam at which it becomes a process of its own.
type Broker struct{ v *vault.Vault }

// NewBroker makes a broker that uses the broker key of v.
func NewBroker(v *vault.Vault) *Broker { return &Broker{v: v} }

// Blind is Nb of the person behind an address, for one petition.
func (b *Broker) Blind(uid [16]byte, salt []byte, a Address) vault.Hash {
	return b.v.BrokerKey(uid, salt).Blind("mail:" + a.Canon)
}
