//! The little linear algebra that the ground needs, for small fixed sizes.

/// A 2×2 matrix, row by row.
pub(super) type Matrix2 = [[f64; 2]; 2];
/// An 8×8 matrix, row by row.
pub(super) type Matrix8 = [[f64; 8]; 8];

/// Inverse of a symmetric positive matrix by Gauss-Jordan elimination with pivots; `None` when it has none.
pub(super) fn inverse_n<const N: usize>(mut a: [[f64; N]; N]) -> Option<[[f64; N]; N]> {
    let mut out = [[0.0; N]; N];
    (0..N).for_each(|i| out[i][i] = 1.0);
    for column in 0..N {
        let pivot = (column..N).max_by(|i, j| a[*i][column].abs().total_cmp(&a[*j][column].abs()))?;
        a.swap(column, pivot);
        out.swap(column, pivot);
        let scale = a[column][column];
        if scale.abs() < 1e-300 || !scale.is_finite() {
            return None;
        }
        for j in 0..N {
            a[column][j] /= scale;
            out[column][j] /= scale;
        }
        let (own, own_out) = (a[column], out[column]);
        for i in (0..N).filter(|i| *i != column) {
            let factor = a[i][column];
            for j in 0..N {
                a[i][j] -= factor * own[j];
                out[i][j] -= factor * own_out[j];
            }
        }
    }
    Some(out)
}

pub(super) fn inverse8(a: Matrix8) -> Option<Matrix8> {
    inverse_n(a)
}

pub(super) fn inverse2(m: Matrix2) -> Option<Matrix2> {
    inverse_n(m)
}

/// Adds `weight` · row · rowᵀ.
pub(super) fn add_outer<const N: usize>(to: &mut [[f64; N]; N], row: &[f64; N], weight: f64) {
    for (line, a) in to.iter_mut().zip(row) {
        for (cell, b) in line.iter_mut().zip(row) {
            *cell += weight * a * b;
        }
    }
}

/// J · C · Jᵀ for two rows J.
pub(super) fn project<const N: usize>(j: &[[f64; N]; 2], c: &[[f64; N]; N]) -> Matrix2 {
    let form = |a: &[f64; N], b: &[f64; N]| -> f64 {
        let row = |k: usize| c[k].iter().zip(b).map(|(c, b)| c * b).sum::<f64>();
        a.iter().enumerate().map(|(k, a)| a * row(k)).sum()
    };
    [[form(&j[0], &j[0]), form(&j[0], &j[1])], [form(&j[1], &j[0]), form(&j[1], &j[1])]]
}

/// M · C · Mᵀ.
pub(super) fn sandwich(m: Matrix2, c: Matrix2) -> Matrix2 {
    project(&m, &c)
}

/// The larger eigenvalue of a symmetric matrix.
pub(super) fn largest_eigenvalue([[a, b], [_, d]]: Matrix2) -> f64 {
    f64::midpoint(a, d) + ((a - d) / 2.0).hypot(b)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Numbers for tests that are the same each time (Marsaglia's xorshift).
    pub(crate) struct Random(pub(crate) u64);

    impl Random {
        /// 0..1.
        pub(crate) fn uniform(&mut self) -> f64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 >> 11) as f64 / (1_u64 << 53) as f64
        }

        /// Of mean 0 and standard deviation 1, by Box and Muller.
        pub(crate) fn normal(&mut self) -> f64 {
            let (a, b) = (self.uniform().max(1e-12), self.uniform());
            (-2.0 * a.ln()).sqrt() * (b * std::f64::consts::TAU).cos()
        }
    }

    #[test]
    fn a_matrix_times_its_inverse_is_one() {
        let mut random = Random(3);
        let mut a = [[0.0; 8]; 8];
        for _ in 0..12 {
            let row = [0; 8].map(|_| random.normal());
            add_outer(&mut a, &row, 1.0);
        }
        let b = inverse8(a).unwrap();
        let cell = |i: usize, j: usize| -> f64 { (0..8).map(|k| a[i][k] * b[k][j]).sum() };
        for (i, j) in (0..64).map(|n| (n / 8, n % 8)) {
            assert!((cell(i, j) - f64::from(u8::from(i == j))).abs() < 1e-9);
        }
        assert_eq!(inverse2([[1.0, 2.0], [2.0, 4.0]]), None);
    }
}
