// A piece of work that never changes: times are told in multiples of it, so that a ratio can be
// carried from one machine to another. It factorises and solves a fixed 15 x 15 system, the heart
// of what a grasp-force solver does for five contacts.
#pragma once

#include <Eigen/Cholesky>

namespace handloop::bench {

class ReferenceKernel {
 public:
  ReferenceKernel() {
    for (int i = 0; i < kSize; ++i) {
      for (int j = 0; j < kSize; ++j) matrix_(i, j) = 1.0 / (1.0 + i + j) + (i == j ? 1.0 : 0.0);
    }
    right_.setOnes();
  }

  double run() {
    right_[0] = 1.0 + 1e-9 * solution_[0];  // hangs on the last run: nothing can be left out
    solution_ = matrix_.llt().solve(right_);
    return solution_[kSize - 1];
  }

 private:
  static constexpr int kSize = 15;
  Eigen::Matrix<double, kSize, kSize> matrix_;
  Eigen::Matrix<double, kSize, 1> right_, solution_ = Eigen::Matrix<double, kSize, 1>::Zero();
};

}  // namespace handloop::bench
