package store

import "errors"

var ErrMissing = errors.New("missing")

type Store struct {
	rows map[string][]byte
}

func (s *Store) Get(key string) ([]byte, error) {
	row, ok := s.rows[key]
	if !ok {
		return nil, ErrMissing
	}
	return row, nil
}

func (s *Store) Put(key string, row []byte) {
	s.rows[key] = row
}
