// Small systems of equations.
#pragma once

#include <Eigen/Core>

namespace handloop {

// Solves h x = b in place, from the lower triangle of a positive definite h: Cholesky's method in
// the form L D L^T, whose loops the compiler unrolls. A direction of no curvature gets no step.
template <int size>
void solve_symmetric(Eigen::Matrix<double, size, size> h, Eigen::Matrix<double, size, 1>& b) {
  Eigen::Matrix<double, size, 1> inverse;
#pragma GCC unroll 6
  for (int j = 0; j < size; ++j) {
    inverse[j] = h(j, j) > 0.0 ? 1.0 / h(j, j) : 0.0;
#pragma GCC unroll 6
    for (int i = j + 1; i < size; ++i) {
      const double factor = h(i, j) * inverse[j];
#pragma GCC unroll 6
      for (int k = j + 1; k <= i; ++k) h(i, k) -= factor * h(k, j);
      b[i] -= factor * b[j];
    }
  }
#pragma GCC unroll 6
  for (int j = size - 1; j >= 0; --j) {
    b[j] *= inverse[j];
#pragma GCC unroll 6
    for (int i = j + 1; i < size; ++i) b[j] -= h(i, j) * inverse[j] * b[i];
  }
}

}  // namespace handloop
