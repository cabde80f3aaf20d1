//! The compression function of SHA-512 in steps, for the cipher to run between them.
//!
//! SHA-1 and SHA-256 have instructions, and take so few of them that the processor sees the cipher's behind those of
//! a whole block. SHA-512 takes thousands, and the processor would have done all of them before it came to the
//! cipher: so blocks of the cipher are put between the rounds here. Four hash blocks share the work on their message
//! schedules, in arrays that the compiler makes vectors of.

use crate::interleave::Interleaved;

/// Bytes that are compressed at once: four blocks.
const GROUP: usize = 512;

/// Compresses four blocks (FIPS 180-4 section 6.4.2) and has 32 cipher blocks, which are as long, encrypted meanwhile.
#[inline(always)]
pub(crate) fn compress_interleaved(
    state: &mut [u64; 8],
    group: &[u8; GROUP],
    interleaved: &mut impl Interleaved,
) {
    let mut schedule = [[[0; 4]; 16]; 5];
    expand(group, &mut schedule, interleaved);
    compress(state, &schedule, |[word, _, _, _]| word, interleaved);
    compress(state, &schedule, |[_, word, _, _]| word, interleaved);
    compress(state, &schedule, |[_, _, word, _]| word, interleaved);
    compress(state, &schedule, |[_, _, _, word]| word, interleaved);
}

/// A word of each of four message schedules, that of the first block first.
type Lanes = [u64; 4];

/// All schedules, with the constants added.
#[inline(always)]
fn expand(
    group: &[u8; GROUP],
    schedule: &mut [[Lanes; 16]; 5],
    interleaved: &mut impl Interleaved,
) {
    let [first, rest @ ..] = schedule;
    let [first_constants, rest_constants @ ..] = &CONSTANTS;
    let mut words = load(group);
    *first = with_constants(words, first_constants);
    for (out, constants) in rest.iter_mut().zip(rest_constants) {
        words = extended(words, interleaved);
        *out = with_constants(words, constants);
    }
}

#[inline(always)]
fn load(group: &[u8; GROUP]) -> [Lanes; 16] {
    let mut words = [[0; 4]; 16];
    let (bytes, _) = group.as_chunks::<8>();
    for (block, bytes) in bytes.chunks_exact(16).enumerate() {
        for (lanes, bytes) in words.iter_mut().zip(bytes) {
            if let Some(word) = lanes.get_mut(block) {
                *word = u64::from_be_bytes(*bytes);
            }
        }
    }
    words
}

#[inline(always)]
fn with_constants(words: [Lanes; 16], constants: &[u64; 16]) -> [Lanes; 16] {
    let mut sums = words;
    for (sum, constant) in sums.iter_mut().zip(constants) {
        *sum = add(*sum, [*constant; 4]);
    }
    sums
}

/// The next sixteen words.
#[inline(always)]
fn extended(words: [Lanes; 16], interleaved: &mut impl Interleaved) -> [Lanes; 16] {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = words;
    interleaved.encrypt_block();
    let a = next(a, b, j, o);
    let b = next(b, c, k, p);
    let c = next(c, d, l, a);
    let d = next(d, e, m, b);
    let e = next(e, f, n, c);
    let f = next(f, g, o, d);
    let g = next(g, h, p, e);
    let h = next(h, i, a, f);
    interleaved.encrypt_block();
    let i = next(i, j, b, g);
    let j = next(j, k, c, h);
    let k = next(k, l, d, i);
    let l = next(l, m, e, j);
    let m = next(m, n, f, k);
    let n = next(n, o, g, l);
    let o = next(o, p, h, m);
    let p = next(p, a, i, n);
    [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
}

/// The word after those that come 16, 15, 7 and 2 before it.
#[inline(always)]
fn next(w16: Lanes, w15: Lanes, w7: Lanes, w2: Lanes) -> Lanes {
    let sigma0 = xor(xor(rotate::<1>(w15), rotate::<8>(w15)), shift::<7>(w15));
    let sigma1 = xor(xor(rotate::<19>(w2), rotate::<61>(w2)), shift::<6>(w2));
    add(add(w16, sigma0), add(w7, sigma1))
}

#[inline(always)]
fn add([a, b, c, d]: Lanes, [e, f, g, h]: Lanes) -> Lanes {
    [
        a.wrapping_add(e),
        b.wrapping_add(f),
        c.wrapping_add(g),
        d.wrapping_add(h),
    ]
}

#[inline(always)]
fn xor([a, b, c, d]: Lanes, [e, f, g, h]: Lanes) -> Lanes {
    [a ^ e, b ^ f, c ^ g, d ^ h]
}

#[inline(always)]
fn rotate<const BY: u32>([a, b, c, d]: Lanes) -> Lanes {
    [
        a.rotate_right(BY),
        b.rotate_right(BY),
        c.rotate_right(BY),
        d.rotate_right(BY),
    ]
}

#[inline(always)]
fn shift<const BY: u32>([a, b, c, d]: Lanes) -> Lanes {
    [a >> BY, b >> BY, c >> BY, d >> BY]
}

/// The rounds of one of the blocks: that whose words `of_block` takes. Six cipher blocks are among them; eight were
/// with the schedules.
#[inline(always)]
fn compress(
    state: &mut [u64; 8],
    schedule: &[[Lanes; 16]; 5],
    of_block: impl Fn(Lanes) -> u64 + Copy,
    interleaved: &mut impl Interleaved,
) {
    let mut working = *state;
    let (eights, _) = schedule.as_flattened().as_chunks::<8>();
    for (number, words) in eights.iter().enumerate() {
        if number % 3 != 2 && number < 9 {
            interleaved.encrypt_block();
        }
        let [a, b, c, d, e, f, g, h] = *words;
        working = round(round(working, of_block(a)), of_block(b));
        working = round(round(working, of_block(c)), of_block(d));
        working = round(round(working, of_block(e)), of_block(f));
        working = round(round(working, of_block(g)), of_block(h));
    }
    for (word, working) in state.iter_mut().zip(working) {
        *word = word.wrapping_add(working);
    }
}

#[inline(always)]
fn round([a, b, c, d, e, f, g, h]: [u64; 8], word: u64) -> [u64; 8] {
    let sum1 = e.rotate_right(14) ^ e.rotate_right(18) ^ e.rotate_right(41);
    let choice = g ^ (e & (f ^ g));
    let t1 = h.wrapping_add(word).wrapping_add(sum1).wrapping_add(choice);
    let sum0 = a.rotate_right(28) ^ a.rotate_right(34) ^ a.rotate_right(39);
    let majority = b ^ ((a ^ b) & (b ^ c));
    let t2 = sum0.wrapping_add(majority);
    [t1.wrapping_add(t2), a, b, c, d.wrapping_add(t1), e, f, g]
}

/// FIPS 180-4 section 4.2.3, by sixteen rounds.
static CONSTANTS: [[u64; 16]; 5] = [
    [
        0x428a_2f98_d728_ae22,
        0x7137_4491_23ef_65cd,
        0xb5c0_fbcf_ec4d_3b2f,
        0xe9b5_dba5_8189_dbbc,
        0x3956_c25b_f348_b538,
        0x59f1_11f1_b605_d019,
        0x923f_82a4_af19_4f9b,
        0xab1c_5ed5_da6d_8118,
        0xd807_aa98_a303_0242,
        0x1283_5b01_4570_6fbe,
        0x2431_85be_4ee4_b28c,
        0x550c_7dc3_d5ff_b4e2,
        0x72be_5d74_f27b_896f,
        0x80de_b1fe_3b16_96b1,
        0x9bdc_06a7_25c7_1235,
        0xc19b_f174_cf69_2694,
    ],
    [
        0xe49b_69c1_9ef1_4ad2,
        0xefbe_4786_384f_25e3,
        0x0fc1_9dc6_8b8c_d5b5,
        0x240c_a1cc_77ac_9c65,
        0x2de9_2c6f_592b_0275,
        0x4a74_84aa_6ea6_e483,
        0x5cb0_a9dc_bd41_fbd4,
        0x76f9_88da_8311_53b5,
        0x983e_5152_ee66_dfab,
        0xa831_c66d_2db4_3210,
        0xb003_27c8_98fb_213f,
        0xbf59_7fc7_beef_0ee4,
        0xc6e0_0bf3_3da8_8fc2,
        0xd5a7_9147_930a_a725,
        0x06ca_6351_e003_826f,
        0x1429_2967_0a0e_6e70,
    ],
    [
        0x27b7_0a85_46d2_2ffc,
        0x2e1b_2138_5c26_c926,
        0x4d2c_6dfc_5ac4_2aed,
        0x5338_0d13_9d95_b3df,
        0x650a_7354_8baf_63de,
        0x766a_0abb_3c77_b2a8,
        0x81c2_c92e_47ed_aee6,
        0x9272_2c85_1482_353b,
        0xa2bf_e8a1_4cf1_0364,
        0xa81a_664b_bc42_3001,
        0xc24b_8b70_d0f8_9791,
        0xc76c_51a3_0654_be30,
        0xd192_e819_d6ef_5218,
        0xd699_0624_5565_a910,
        0xf40e_3585_5771_202a,
        0x106a_a070_32bb_d1b8,
    ],
    [
        0x19a4_c116_b8d2_d0c8,
        0x1e37_6c08_5141_ab53,
        0x2748_774c_df8e_eb99,
        0x34b0_bcb5_e19b_48a8,
        0x391c_0cb3_c5c9_5a63,
        0x4ed8_aa4a_e341_8acb,
        0x5b9c_ca4f_7763_e373,
        0x682e_6ff3_d6b2_b8a3,
        0x748f_82ee_5def_b2fc,
        0x78a5_636f_4317_2f60,
        0x84c8_7814_a1f0_ab72,
        0x8cc7_0208_1a64_39ec,
        0x90be_fffa_2363_1e28,
        0xa450_6ceb_de82_bde9,
        0xbef9_a3f7_b2c6_7915,
        0xc671_78f2_e372_532b,
    ],
    [
        0xca27_3ece_ea26_619c,
        0xd186_b8c7_21c0_c207,
        0xeada_7dd6_cde0_eb1e,
        0xf57d_4f7f_ee6e_d178,
        0x06f0_67aa_7217_6fba,
        0x0a63_7dc5_a2c8_98a6,
        0x113f_9804_bef9_0dae,
        0x1b71_0b35_131c_471b,
        0x28db_77f5_2304_7d84,
        0x32ca_ab7b_40c7_2493,
        0x3c9e_be0a_15c9_bebc,
        0x431d_67c4_9c10_0d4c,
        0x4cc5_d4be_cb3e_42b6,
        0x597f_299c_fc65_7e2a,
        0x5fcb_6fab_3ad6_faec,
        0x6c44_198c_4a47_5817,
    ],
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interleave::NoWork;

    struct Counter(usize);

    impl Interleaved for Counter {
        fn encrypt_block(&mut self) {
            self.0 += 1;
        }
    }

    #[test]
    fn blocks_are_compressed_as_by_the_hash_crate() {
        let (mut ours, mut theirs) = ([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4, 5, 6, 7, 8]);
        let mut group = [0; GROUP];
        for number in 0..10 {
            compress_interleaved(&mut ours, &group, &mut NoWork);
            sha2::block_api::compress512(&mut theirs, group.as_chunks().0);
            assert_eq!(ours, theirs, "group {number}");
            let words = ours.iter().cycle().zip(0_u64..);
            for (bytes, (word, place)) in group.chunks_exact_mut(8).zip(words) {
                bytes.copy_from_slice(&word.wrapping_mul(2 * place + 1).to_be_bytes());
            }
        }
    }

    #[test]
    fn four_blocks_have_32_cipher_blocks_among_their_rounds() {
        let mut counter = Counter(0);
        compress_interleaved(&mut [0; 8], &[0; GROUP], &mut counter);
        assert_eq!(counter.0, GROUP / crate::block::BLOCK);
    }
}
