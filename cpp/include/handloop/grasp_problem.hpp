// What contacts shall do together, and whether that is a problem at all.
#pragma once

#include "handloop/friction_cone.hpp"

namespace handloop {

using Vec6 = Eigen::Matrix<double, 6, 1>;

// What the forces shall do together.
struct GraspProblem {
  int contact_count = 0;
  PerFinger<GraspContact> contact{};
  Vec6 wrench = Vec6::Zero();  // [N, N m], that the pads together exert on the object
  Vec3 origin = Vec3::Zero();  // [m], the point about which `wrench` has its torque
  // [N], of the contacts so far: what is left of them while a solve is unfinished.
  PerFinger<Vec3> last{Vec3::Zero(), Vec3::Zero(), Vec3::Zero(), Vec3::Zero(), Vec3::Zero()};
};

inline bool makes_sense(const GraspContact& c) {
  bool ok = all_finite(c.position) && std::abs(c.normal.squaredNorm() - 1.0) < 1e-6 &&
            std::isfinite(c.friction) && c.friction >= 0.0 && c.force_min >= 0.0 &&
            c.force_min <= c.force_max && std::isfinite(c.force_max) && c.weight > 0.0 &&
            std::isfinite(c.weight) && c.row_count >= 0 && c.row_count <= kMaxTorqueRows;
  for (int k = 0; ok && k < c.row_count; ++k) {
    const TorqueRow& row = c.row[static_cast<std::size_t>(k)];
    ok = all_finite(row.arm) && row.low <= row.high && std::isfinite(row.high - row.low);
  }
  return ok;
}

inline bool makes_sense(const GraspProblem& p) {
  bool ok =
      p.contact_count >= 0 && p.contact_count <= kMaxFingers && all_finite(p.wrench, p.origin);
  for (std::size_t i = 0; ok && i < static_cast<std::size_t>(p.contact_count); ++i) {
    ok = makes_sense(p.contact[i]) && all_finite(p.last[i]);
  }
  return ok;
}

}  // namespace handloop
