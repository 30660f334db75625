//! Lists of indices, one after the other: the rows of each column, the members of each color.

use crate::Error;
use crate::error::expect_length;

/// List k is `items[starts[k]..starts[k + 1]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Lists {
    pub starts: Vec<usize>,
    pub items: Vec<usize>,
}

impl Lists {
    /// Lists one by one.
    pub fn from_each<L: IntoIterator<Item = usize>>(each: impl Iterator<Item = L>) -> Self {
        let (mut starts, mut items) = (vec![0], Vec::new());
        for list in each {
            items.extend(list);
            starts.push(items.len());
        }
        starts.shrink_to_fit();
        items.shrink_to_fit();
        Lists { starts, items }
    }

    /// The items of each list below `count`, from pairs of list and item in any order: a counting sort, in which
    /// items stay in order.
    pub fn grouped(count: usize, pairs: impl Iterator<Item = (usize, usize)> + Clone) -> Self {
        let mut starts = vec![0; count + 1];
        pairs.clone().for_each(|(list, _)| starts[list + 1] += 1);
        for k in 0..count {
            starts[k + 1] += starts[k];
        }
        let (mut next, mut items) = (starts.clone(), vec![0; starts[count]]);
        pairs.for_each(|(list, item)| {
            items[next[list]] = item;
            next[list] += 1;
        });
        Lists { starts, items }
    }

    /// The lists that each item below `count` is in.
    pub fn transposed(&self, count: usize) -> Self {
        let lists = self.iter().enumerate();
        Self::grouped(
            count,
            lists.flat_map(|(k, list)| list.iter().map(move |&item| (item, k))),
        )
    }

    /// How many lists there are.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// List k.
    #[inline]
    pub fn of(&self, k: usize) -> &[usize] {
        &self.items[self.starts[k]..self.starts[k + 1]]
    }

    /// All lists.
    pub fn iter(&self) -> impl Iterator<Item = &[usize]> + Clone {
        self.starts.windows(2).map(|w| &self.items[w[0]..w[1]])
    }

    /// The length of the longest list.
    pub fn longest(&self) -> usize {
        self.iter().map(<[usize]>::len).max().unwrap_or(0)
    }

    /// The list that each item is in.
    pub fn owners(&self) -> Vec<usize> {
        let mut owners = vec![0; self.items.len()];
        for (k, w) in self.starts.windows(2).enumerate() {
            owners[w[0]..w[1]].fill(k);
        }
        owners
    }

    /// Each item once in its list, where equal ones are neighbors.
    pub fn without_repeats(mut self) -> Self {
        let (mut from, mut kept) = (0, 0);
        for end in &mut self.starts[1..] {
            let first = kept;
            for at in from..*end {
                if kept == first || self.items[kept - 1] != self.items[at] {
                    self.items[kept] = self.items[at];
                    kept += 1;
                }
            }
            from = std::mem::replace(end, kept);
        }
        self.items.truncate(kept);
        self
    }

    /// Copies the `count` compressed columns or rows of the caller's. Each list increases;
    /// `inside(list, item)` says whether an item may be there.
    pub fn checked(
        count: usize,
        starts: &[usize],
        items: &[usize],
        inside: impl Fn(usize, usize) -> Result<(), Error>,
    ) -> Result<Self, Error> {
        let malformed = |part, place, value, rule| {
            Err(Error::PatternParts {
                part,
                place,
                value,
                rule,
            })
        };
        expect_length("starts", starts.len(), count.saturating_add(1))?;
        if starts[0] != 0 {
            return malformed("starts", 0, starts[0], "0");
        }
        expect_length("indices", items.len(), starts[count])?;
        for (k, w) in starts.windows(2).enumerate() {
            if w[1] < w[0] || w[1] > items.len() {
                let rule = "at least its predecessor and at most the number of indices";
                return malformed("starts", k + 1, w[1], rule);
            }
            for at in w[0]..w[1] {
                inside(k, items[at])?;
                if at > w[0] && items[at] <= items[at - 1] {
                    let rule = "larger than its predecessor in the same column (CSC) or row (CSR)";
                    return malformed("indices", at, items[at], rule);
                }
            }
        }
        Ok(Lists {
            starts: starts.to_vec(),
            items: items.to_vec(),
        })
    }
}
