//! The order in which servers are tried (RFC 2782, RFC 7553 section 4.3).

use alloc::vec::Vec;

use orthros_crypto::{RandomError, RandomSource};

use super::records::DnsRecord;

/// How many servers of one answer are kept: each may cost a look-up of its address and a second of waiting.
pub(super) const MOST_SERVERS: usize = 16;

/// The first servers in the order of their priorities, and within one in an order that is drawn by their weights.
/// Records without priorities stay as they are.
pub(super) fn ordered(
    mut records: Vec<DnsRecord>,
    random: &mut dyn RandomSource,
) -> Result<Vec<DnsRecord>, RandomError> {
    records.sort_by_key(|record| record.preference().map(|(priority, _)| priority));
    let mut ordered = Vec::new();
    while ordered.len() < MOST_SERVERS
        && let Some(priority) = records.first().and_then(DnsRecord::preference)
    {
        let (priority, _) = priority;
        let equal = |record: &&DnsRecord| record.preference().is_some_and(|(p, _)| p == priority);
        let group = records.iter().take_while(equal).count();
        let index = draw(records.get(..group).unwrap_or(&records), random)?;
        ordered.push(records.remove(index));
    }
    if records
        .first()
        .is_some_and(|record| record.preference().is_none())
    {
        records.truncate(MOST_SERVERS);
        return Ok(records);
    }
    Ok(ordered)
}

/// Draws one of these, each as often as its weight says. One of weight 0 has a very small chance.
fn draw(group: &[DnsRecord], random: &mut dyn RandomSource) -> Result<usize, RandomError> {
    if group.len() < 2 {
        return Ok(0);
    }
    let weight = |record: &DnsRecord| {
        record
            .preference()
            .map_or(0, |(_, weight)| u64::from(weight))
    };
    let sum: u64 = group.iter().map(weight).sum();
    let mut bytes = [0; 8];
    random.fill(&mut bytes)?;
    // The bias is below 2^-38: the sum has 26 bits at most.
    let drawn = u64::from_le_bytes(bytes) % (sum + 1);
    // RFC 2782: those of weight 0 come first, then the first one whose running sum reaches what was drawn.
    let mut running = 0;
    let zeros = group.iter().position(|record| weight(record) == 0);
    if let Some(zero) = zeros.filter(|_| drawn == 0) {
        return Ok(zero);
    }
    let reached = group.iter().position(|record| {
        running += weight(record);
        running >= drawn && weight(record) > 0
    });
    // Nothing is reached where all weights are 0: the first.
    Ok(reached.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::SrvRecord;
    use alloc::vec;
    use orthros_testing::random::{NoRandom, SeededRandom};

    fn srv(priority: u16, weight: u16, port: u16) -> DnsRecord {
        DnsRecord::Srv(SrvRecord {
            priority,
            weight,
            port,
            target: None,
        })
    }

    fn ports(records: &[DnsRecord], random: &mut SeededRandom) -> Vec<u16> {
        let ordered = ordered(records.to_vec(), random).unwrap();
        let port = |record: DnsRecord| match record {
            DnsRecord::Srv(record) => record.port,
            other => panic!("{other:?}"),
        };
        ordered.into_iter().map(port).collect()
    }

    #[test]
    fn lower_priorities_come_first_whatever_the_weights() {
        let records = [
            srv(20, 65535, 3),
            srv(0, 0, 1),
            srv(10, 1, 2),
            srv(65535, 9, 4),
        ];
        for seed in 0..50 {
            assert_eq!(ports(&records, &mut SeededRandom::new(seed)), [1, 2, 3, 4]);
        }
    }

    #[test]
    fn servers_come_first_as_often_as_their_weights_say() {
        let records = [srv(1, 10, 1), srv(1, 30, 3), srv(1, 0, 0), srv(1, 60, 6)];
        let mut random = SeededRandom::new(7);
        let mut first = [0_u32; 7];
        for _ in 0..10_000 {
            let drawn = ports(&records, &mut random);
            assert_eq!(drawn.len(), 4);
            first[usize::from(drawn[0])] += 1;
        }
        let about = |count: u32, share: u32| count.abs_diff(share * 100) < 300;
        assert!(
            about(first[1], 10) && about(first[3], 30) && about(first[6], 60),
            "{first:?}"
        );
        assert!((1..400).contains(&first[0]), "{first:?}");
    }

    #[test]
    fn equal_servers_without_weights_are_tried_as_they_come() {
        let records = [srv(1, 0, 1), srv(1, 0, 2), srv(1, 0, 3)];
        assert_eq!(ports(&records, &mut SeededRandom::new(1)), [1, 2, 3]);
    }

    #[test]
    fn no_more_servers_are_kept_than_can_be_tried() {
        let many = vec![srv(1, 1, 1); 1000];
        assert_eq!(ports(&many, &mut SeededRandom::new(1)).len(), MOST_SERVERS);
        let texts = vec![DnsRecord::Txt(b"R".to_vec()); 1000];
        assert_eq!(ordered(texts, &mut NoRandom).unwrap().len(), MOST_SERVERS);
    }

    #[test]
    fn without_randomness_there_is_no_order() {
        assert!(ordered(vec![srv(1, 1, 1), srv(1, 1, 2)], &mut NoRandom).is_err());
        assert!(ordered(vec![srv(1, 1, 1)], &mut NoRandom).is_ok());
    }
}
