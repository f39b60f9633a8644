// What a pad can exert on an object: a friction cone between a plate and a lid.
//
// A pad pushes with force_min <= normal force <= force_max and |tangential| <= friction normal
// (Coulomb's circular cone, no pyramid). In the half plane of normal and tangential force that is a
// trapezium, so the nearest force of the set is a closed form, and so is an element of Clarke's
// generalised Jacobian of it.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>

#include "handloop/types.hpp"

namespace handloop {

inline constexpr int kMaxTorqueRows = 8;

// The torque that a contact force costs one joint of its finger, and what is left for it.
struct TorqueRow {
  Vec3 arm = Vec3::Zero();  // [m] for a hinge: the joint's column of the point Jacobian
  double low = 0.0;         // [N m]
  double high = 0.0;        // [N m]
};

struct GraspContact {
  Vec3 position = Vec3::Zero();  // [m]
  Vec3 normal = Vec3::UnitZ();   // unit, from the pad into the object
  double friction = 0.5;
  double force_min = 0.0;   // [N], normal force that keeps touch
  double force_max = 20.0;  // [N], normal force that does not crush
  double weight = 1.0;      // what a squared newton of this contact costs
  int row_count = 0;
  // Of the joints that carry this finger alone: what a shared one, as a wrist, has to bear follows
  // from the object's wrench, however the fingers divide it.
  std::array<TorqueRow, kMaxTorqueRows> row{};
};

struct ForceProjection {
  Vec3 force;
  Mat3 jacobian;  // symmetric, of `force` by the point that was projected
};

// Nearest force of cone, plate and lid, whatever the torque rows.
inline void project_on_cone(const GraspContact& c, const Vec3& point, ForceProjection& out) {
  const double normal = c.normal.dot(point);
  const Vec3 tangent = point - normal * c.normal;
  const double tangential = tangent.norm();
  const double clamped = std::clamp(normal, c.force_min, c.force_max);
  if (tangential <= c.friction * clamped) {
    out.force = clamped * c.normal + tangent;
    out.jacobian.setIdentity();
    if (clamped != normal) out.jacobian -= c.normal * c.normal.transpose();
    return;
  }
  // On the mantle, or on its upper or lower rim.
  const double steepness = 1.0 / (1.0 + c.friction * c.friction);
  const double along = (normal + c.friction * tangential) * steepness;
  const double height = std::clamp(along, c.force_min, c.force_max);
  const Vec3 direction = tangent / tangential;
  const Vec3 generator = c.normal + c.friction * direction;
  out.force = height * generator;
  const double turn = c.friction * height / tangential;
  const double stretch = height == along ? steepness : 0.0;
  const Vec3 g = stretch * generator;
  const Vec3 n = turn * c.normal, u = turn * direction;
  for (int j = 0; j < 3; ++j) {
    for (int i = 0; i <= j; ++i) {
      const double entry = g[i] * generator[j] - n[i] * c.normal[j] - u[i] * direction[j];
      out.jacobian(i, j) = out.jacobian(j, i) = entry + (i == j ? turn : 0.0);
    }
  }
}

}  // namespace handloop
