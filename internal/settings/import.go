package settings

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/place"
	"github.com/dauys/dauys/register"
)

// Imported is what became of the rows of a file. Each problem is a row that was
// left out.
type Imported struct {
	Changed, Unchanged int
	Problems           []register.Problem
}

// Command is the actor of what is done at the command line of the server.
const Command = 0

// maxCSV bounds a file, which is held in memory. All places of a large country
// take a hundredth of it.
const maxCSV = 64 << 20

// ImportBodies brings the good rows of a CSV of bodies in, each that is new or
// differs as an act. Bodies that the file does not name stay: petitions may be
// addressed to them.
func (s *Service) ImportBodies(ctx context.Context, actor int64, r io.Reader, file string) (Imported, error) {
	text, err := readCSV(r, file)
	if err != nil {
		return Imported{}, err
	}
	now, err := s.Current(ctx)
	if err != nil {
		return Imported{}, err
	}
	bodies, problems := parseBodies(text, file, now.Places)
	n, err := s.o.Store.SaveBodies(ctx, actor, bodies, s.o.Now())
	return Imported{Changed: n, Unchanged: len(bodies) - n, Problems: problems}, err
}

// ImportPlaces brings the good rows of a CSV of places into the site's own set,
// or begins one, as one act. It is decided on the set in force: when somebody
// changed that meanwhile, it is merged again.
//
// Order: the text of the set is kept, then the act names it and is in force. A
// text that no act names is of no consequence.
func (s *Service) ImportPlaces(ctx context.Context, actor int64, r io.Reader, file string) (Imported, error) {
	text, err := readCSV(r, file)
	if err != nil {
		return Imported{}, err
	}
	for range 3 {
		var done Imported
		if done, err = s.importPlaces(ctx, actor, text, file); !errors.Is(err, store.ErrConflict) {
			return done, err
		}
	}
	return Imported{}, err
}

func (s *Service) importPlaces(ctx context.Context, actor int64, text, file string) (Imported, error) {
	values, _, err := s.o.Store.Settings(ctx)
	if err != nil {
		return Imported{}, err
	}
	was := values[petition.SetPlaces]
	have := &place.Set{ID: "own"}
	if hash, own := strings.CutPrefix(was, petition.PlacesPrefix); own {
		csv, err := s.o.Store.PlacesCSV(ctx, hash)
		if err != nil {
			return Imported{}, fmt.Errorf("settings: places: %w", err)
		}
		have, _ = place.Parse(strings.NewReader(csv), "places", "own", "")
	}
	merged, m := have.Merge(strings.NewReader(text), file)
	done := Imported{Changed: m.Changed, Unchanged: m.Unchanged, Problems: m.Problems}
	if m.Changed == 0 {
		return done, nil
	}
	csv := merged.CSV()
	value := petition.PlacesPrefix + hashOf(csv)
	if err := s.o.Store.KeepPlaces(ctx, hashOf(csv), csv); err != nil {
		return Imported{}, err
	}
	err = s.o.Store.ChangeSettings(ctx, actor, s.o.Now(), func(now petition.Settings) ([]petition.SettingAct, error) {
		if now[petition.SetPlaces] != was {
			return nil, fmt.Errorf("settings: places: %w", store.ErrConflict)
		}
		acts, errs := now.Change(petition.Settings{petition.SetPlaces: value}, s.rules())
		if len(errs) > 0 {
			return nil, errs
		}
		return acts, nil
	})
	if err != nil {
		return Imported{}, err
	}
	return done, s.apply(ctx)
}

func readCSV(r io.Reader, file string) (string, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxCSV+1))
	if err == nil && len(b) > maxCSV {
		err = fmt.Errorf("longer than %d bytes", maxCSV)
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	return string(b), nil
}

func hashOf(csv string) string {
	h := sha256.Sum256([]byte(csv))
	return hex.EncodeToString(h[:])
}
