//! Every combination of features.

/// As `--features` takes them; the empty one first.
pub(super) fn powerset(features: &[String]) -> Vec<String> {
    let mut sets = vec![String::new()];
    for feature in features {
        let with = sets.iter().map(|set| match set.as_str() {
            "" => feature.clone(),
            set => format!("{set},{feature}"),
        });
        let with: Vec<String> = with.collect();
        sets.extend(with);
    }
    sets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_combination_is_there_once() {
        let features = ["a", "b", "c"].map(str::to_owned);
        let expected = ["", "a", "b", "a,b", "c", "a,c", "b,c", "a,b,c"];
        assert_eq!(powerset(&features), expected);
        assert_eq!(powerset(&[]), [""]);
    }
}
