// Copyright 2026 The Ledger Authors. All rights reserved.
// Use of this source code is governed by a licence.

package ledger;

import java.util.ArrayList;
import java.util.List;

/**
 * A book of entries.
 *
 * <p>Not thread-safe.
 */
public class Book {
    // Newest last.
    private final List<Entry> entries = new ArrayList<>();

    /** Adds an entry; the amount may be negative. */
    public void add(Entry entry) {
        // Entries are never replaced: see the audit rules.
        entries.add(entry);
    }

    /** The sum of all amounts. */
    public long total() {
        long sum = 0;
        for (Entry entry : entries) {
            sum += entry.amount(); // cents
        }
        return sum;
    }
}
